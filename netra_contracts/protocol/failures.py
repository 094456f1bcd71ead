"""Why a stage failed, and where tasks and threads were at that moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .location import Location


@dataclass(frozen=True)
class ExceptionInfo:
    """One exception of a chain: its type's name, its masked message, and the lines it passed, outermost first.

    `read` is the sequence number of the failed read of a state that raised it, if one did.
    """

    type: str
    message: str
    trace: tuple[Location, ...] = ()
    location: Location | None = None
    link: Literal["", "cause", "context"] = ""
    read: int | None = None


@dataclass(frozen=True)
class StackSnapshot:
    """Where a task or a thread stands, innermost line first; `location` is the first that is the application's."""

    kind: Literal["task", "thread", "process"]
    name: str
    lines: tuple[Location, ...] = ()
    main: bool = False
    location: Location | None = None


FailureKind = Literal[
    "module-not-found",
    "attribute-not-found",
    "import-raised",
    "factory-raised",
    "factory-arguments",
    "not-a-target",
    "raised",
    "failed",
    "raised-before-answer",
    "protocol",
    "exited",
    "timeout",
    "died",
]


@dataclass(frozen=True)
class StageFailure:
    """Why a stage did not end well.

    `message` is a sentence; `chain` the exception and what led to it, the raised one first. `missing` is the module,
    attribute or arguments that are not there and `near` the nearest name that is. `read` is the sequence number of the
    failed read (`Event.seq`) that ended it. `status` is the exit status of the process, negative for a signal.
    """

    kind: FailureKind
    message: str = ""
    chain: tuple[ExceptionInfo, ...] = ()
    location: Location | None = None
    missing: str = ""
    near: str = ""
    read: int | None = None
    status: int | None = None
    stacks: tuple[StackSnapshot, ...] = ()
    circle: tuple[str, ...] = ()
