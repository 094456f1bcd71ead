"""The model of a seeded fault: a change to the source of the reference, and the findings that it must cause.

Standard library only: the target's process imports this too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

#: A scenario without which a fault cannot be detected.
Switch = Literal["slow_reader", "reconnect", "expiry", "burst"]


@dataclass(frozen=True)
class Edit:
    """A replacement in one module of the reference. `old` must occur exactly once."""

    module: str
    old: str
    new: str


_PACKAGES = re.compile(r"([\w<>]+\.)+(?=\w)")


@dataclass(frozen=True)
class SeededFault:
    """One change that breaks the reference.

    Attributes:
        name: the argument of `--fault`.
        description: the change in words.
        code: code of the root finding.
        component: component of the root finding; empty: the finding is about no component.
        subjects: subjects of the root findings, for example events; empty: any.
        edits: the change.
        switches: scenarios that must be switched on.
        startup_timeout_s: seconds that the startup may take.
        deadline_s: seconds that clients wait for the end of a run.
        within_ms: milliseconds that an event may take. Generous unless lateness is the fault: machines may be busy.
        blocking_threshold: milliseconds for which startup may block the event loop; generous unless that is the fault.
    """

    name: str
    description: str
    code: str
    component: str
    edits: tuple[Edit, ...]
    subjects: tuple[str, ...] = ()
    switches: tuple[Switch, ...] = ()
    startup_timeout_s: float = 10.0
    deadline_s: float = 5.0
    within_ms: float = 4000.0
    blocking_threshold: int = 60_000

    @property
    def is_in_sources(self) -> bool:
        """Whether the fault is found in what the sources say, which are read from files."""
        return self.code.startswith("NC7")

    @property
    def expected(self) -> str:
        """Code and subject of the root finding in words."""
        return " ".join([self.code, self.component or format_subjects(self.subjects)]).strip()


def format_subjects(subjects: Iterable[str]) -> str:
    """Return subjects of findings as one line. Parts of a subject are events, or modules and functions."""
    return ", ".join(_PACKAGES.sub("", subject).replace(":", " ") for subject in subjects)


def make_fault(
    name: str,
    description: str,
    code: str,
    component: str,
    *edits: tuple[str, str, str],
    subjects: tuple[str, ...] = (),
    switches: tuple[Switch, ...] = (),
    startup_timeout_s: float = 10.0,
    deadline_s: float = 5.0,
    within_ms: float = 4000.0,
    blocking_threshold: int = 60_000,
) -> SeededFault:
    """Return a seeded fault whose edits are given as module, old and new text."""
    parsed = tuple(Edit(*edit) for edit in edits)
    return SeededFault(
        name,
        description,
        code,
        component,
        parsed,
        subjects,
        switches,
        startup_timeout_s,
        deadline_s,
        within_ms,
        blocking_threshold,
    )
