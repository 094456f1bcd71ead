"""What a seeded fault is: a small change to the reference's source, with what the tool has to say of it.

Standard library only: the target's process reads this too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

#: What has to be switched on for a fault to show.
Switch = Literal["slow_reader", "reconnect", "expiry", "burst"]


@dataclass(frozen=True)
class Edit:
    """A replacement in one module of the reference; `old` is there exactly once."""

    module: str
    old: str
    new: str


@dataclass(frozen=True)
class SeededFault:
    """One way to break the reference.

    Attributes:
        name: what it is called.
        what: the change in words.
        code: of the one finding that is a root cause.
        component: of that finding; empty where none is at fault.
        subjects: what else the root findings are about, e.g. an event; empty: whatever it is.
        edits: the change.
        switches: what has to be switched on.
        startup_timeout_s: deadline for a startup that hangs.
        deadline_s: how long clients wait for the end of a run.
        within_ms: how long an event may take; wide where that is not the fault, since a busy machine is none.
    """

    name: str
    what: str
    code: str
    component: str
    edits: tuple[Edit, ...]
    subjects: tuple[str, ...] = ()
    switches: tuple[Switch, ...] = ()
    startup_timeout_s: float = 10.0
    deadline_s: float = 5.0
    within_ms: float = 4000.0

    @property
    def expected(self) -> str:
        """Code and what it is about, in words."""
        return " ".join([self.code, self.component or told(self.subjects)]).strip()


def told(subjects: Iterable[str]) -> str:
    """Subjects of findings within a line: the parts of one are events, or a module and a function."""
    return ", ".join(subject.rpartition(".")[2].replace(":", " ") for subject in subjects)


def fault(
    name: str,
    what: str,
    code: str,
    component: str,
    *edits: tuple[str, str, str],
    subjects: tuple[str, ...] = (),
    switches: tuple[Switch, ...] = (),
    startup_timeout_s: float = 10.0,
    deadline_s: float = 5.0,
    within_ms: float = 4000.0,
) -> SeededFault:
    made = tuple(Edit(*edit) for edit in edits)
    return SeededFault(name, what, code, component, made, subjects, switches, startup_timeout_s, deadline_s, within_ms)
