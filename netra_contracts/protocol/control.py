"""Messages that start a run and set its contracts, before anything has been observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .codec import VERSION
from .location import Location
from .observation import TargetInfo
from .plan import TypeSpec


@dataclass(frozen=True)
class LaunchRequest:
    """What the probe is to do, sent once when it has started.

    `module` is an import path; `attr` a dotted attribute, or None for "find it". `contracts` are `module:attr`
    references to contracts declared in Python. Deadlines are in seconds from the start of the probe (startup) and of
    the shutdown. `settle_s` None: a few turns of the loop.
    """

    module: str
    attr: str | None = None
    factory: bool | None = None
    app_dir: str = ""
    contracts: tuple[str, ...] = ()
    startup_timeout_s: float = 30.0
    shutdown_timeout_s: float = 10.0
    settle_s: float | None = None
    crash_file: str = ""
    journal_file: str = ""
    version: int = VERSION


@dataclass(frozen=True)
class DeclaredContract:
    """One contract declared in Python, read by the probe: `terms` as the user gave them, made JSON."""

    component: str
    type: TypeSpec | None
    terms: dict[str, Any]
    location: Location | None = None
    origin: str = ""


@dataclass(frozen=True)
class DeclaredEvents:
    """What is expected of a target's events, declared in Python: `terms` as the user gave them, made JSON."""

    terms: dict[str, Any]
    location: Location | None = None
    origin: str = ""


@dataclass(frozen=True)
class DeclarationProblem:
    """A declaration that the probe could not read: the reference, what is wrong with it, and a hint."""

    reference: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Loaded:
    """Sent when the target's module has been imported: what it is, and the contracts declared in Python there."""

    target: TargetInfo
    contracts: tuple[DeclaredContract, ...] = ()
    events: tuple[DeclaredEvents, ...] = ()
    faults: tuple[DeclarationProblem, ...] = ()
    declare_version: int | None = None
    version: int = VERSION


@dataclass(frozen=True)
class UnresolvedNames:
    """Sent instead of starting: what contracts name and is not there.

    Types and functions, each as component (or "" for the events), term, message and nearest name.
    """

    names: tuple[tuple[str, str, str, str], ...] = ()
