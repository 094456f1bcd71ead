"""What the probe saw, from its start to the end of the shutdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .clients import ClientObservation, ServerObservation
from .failures import StackSnapshot, StageFailure
from .isolation import IsolationResult
from .location import Location
from .stages import StageName, StageOutcome


@dataclass(frozen=True)
class Answer:
    """The answer to the question of `item` (its index in the plan).

    `moment` is the marked phase at whose end it was given, or `startup`. `missing` is the first step of a dotted path
    that leads nowhere. `actual` is a type's name. `note` says more, without values. `held`, for `same`, is the
    `Event.version` of the object found, where an event saw it: it tells an earlier one of a component from a stranger.
    """

    item: int
    holds: bool | None
    moment: str = "startup"
    is_none: bool = False
    missing: str = ""
    actual: str = ""
    note: str = ""
    near: str = ""
    held: str = ""
    location: Location | None = None


@dataclass(frozen=True)
class Stage:
    """One stage of the target's life, in order. `faults`: the root first, what it led to after it."""

    name: StageName
    start_ms: float
    ms: float
    outcome: StageOutcome
    faults: tuple[StageFailure, ...] = ()


#: `read` is a read of something that was not there. `replace-state` is the replacement of the state object as a whole.
Operation = Literal["set", "delete", "read", "replace-state"]


@dataclass(frozen=True)
class StateChange:
    """Something that happened to one entry of a state.

    `component` is an address: `name`, `lifespan:name`, `/mount:name`. `version` tells objects apart: two events of the
    same version saw the same object. `ms` is when it happened or, for a state that is only compared at the ends of
    phases (`compared`), when it was seen.
    """

    seq: int
    ms: float
    operation: Operation
    component: str
    stage: StageName
    type: str = ""
    is_none: bool = False
    version: str = ""
    location: Location | None = None
    compared: bool = False
    thread: str = ""


@dataclass(frozen=True)
class StateEntry:
    """One entry of a state at the end of startup."""

    address: str
    type: str
    is_none: bool = False
    double: str = ""
    version: str = ""
    type_location: Location | None = None
    plain: bool = False


@dataclass(frozen=True)
class StateInfo:
    """A state that was found: `prefix` is "" for the application's own, `lifespan`, or a mount's path."""

    prefix: str
    type: str
    recorded: bool


@dataclass(frozen=True)
class StaleReference:
    """An object reachable from a component that an earlier version of another component is: `path` from the holder."""

    holder: str
    path: str
    component: str
    version: str
    type: str


@dataclass(frozen=True)
class MarkedPhase:
    """A phase marked by the application. `last_seq`: the last event before it ended."""

    phase: str
    start_ms: float
    ms: float
    last_seq: int
    outcome: Literal["ok", "failed", "open"] = "ok"
    location: Location | None = None
    first_seq: int = 0


@dataclass(frozen=True)
class StartupHandler:
    """A startup handler that was registered, and how often it was seen to run (None: unknown).

    `registered_on` is the path of the mounted application (`MountedApp.path`) that has it, "" for the target's own.
    """

    name: str
    registered_on: str
    calls: int | None
    location: Location | None = None


@dataclass(frozen=True)
class MountedApp:
    """A mounted application: `entered` says whether anyone entered its lifespan (None: unknown).

    `path` is the full path, e.g. `/api`; `/api/` if it is mounted at `/` in the application mounted at `/api`.
    """

    path: str
    type: str
    has_lifespan: bool
    entered: bool | None
    location: Location | None = None


@dataclass(frozen=True)
class FailedBackgroundTask:
    """A background task or thread that ended with an exception nobody retrieved."""

    kind: Literal["task", "thread"]
    name: str
    ms: float
    fault: StageFailure
    created: Location | None = None


@dataclass(frozen=True)
class PhaseCheckResult:
    """One `phase_check` function that was run, or not: then `skipped` says why."""

    name: str
    phase: str
    requires: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    fault: StageFailure | None = None
    ms: float = 0.0
    skipped: str = ""
    location: Location | None = None


@dataclass(frozen=True)
class TargetInfo:
    """What the target turned out to be.

    `kind`: what the named object is; `subject`: what it led to. `how`: a sentence on what was resolved and why.
    """

    spec: str
    module: str
    attr: str = ""
    kind: Literal["application", "application factory", "state factory", "state", "unknown"] = "unknown"
    how: str = ""
    framework: str = ""
    framework_version: str = ""
    type: str = ""
    file: str = ""
    location: Location | None = None
    python: str = ""
    executable: str = ""
    cwd: str = ""
    app_dir: str = ""


@dataclass(frozen=True)
class Observation:
    """What the probe saw, from its start to the end of the shutdown. Complete unless a stage says otherwise."""

    target: TargetInfo
    stages: tuple[Stage, ...] = ()
    states: tuple[StateInfo, ...] = ()
    events: tuple[StateChange, ...] = ()
    components: tuple[StateEntry, ...] = ()
    answers: tuple[Answer, ...] = ()
    marks: tuple[MarkedPhase, ...] = ()
    handlers: tuple[StartupHandler, ...] = ()
    mounts: tuple[MountedApp, ...] = ()
    held: tuple[StaleReference, ...] = ()
    dead: tuple[FailedBackgroundTask, ...] = ()
    left: tuple[StackSnapshot, ...] = ()
    checks: tuple[PhaseCheckResult, ...] = ()
    isolation: tuple[IsolationResult, ...] = ()
    served: ServerObservation | None = None
    clients: ClientObservation | None = None
    notes: tuple[str, ...] = ()
