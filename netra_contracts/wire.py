"""The messages between host and probe, and their version.

Standard library only and written for Python 3.9: the probe runs in the target's interpreter. The probe fills these
records and sends them as JSON; the host validates what arrives against the very same classes. Times are ms since the
probe began, sizes are bytes. None means "unknown" wherever a field allows it, unless its comment says otherwise.

No record has room for a value of the application: names and types only. Messages of exceptions are kept, masked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from json import dumps
from typing import Any, Literal, Union

#: Changes with every change of a message that the other side must know about.
VERSION = 1

Scalar = Union[bool, int, float, str, None]

StageName = Literal["import", "build", "startup", "settle", "shutdown"]
#: How a stage ended. `unsupported`: the target refused the lifespan protocol. `skipped`: it was not reached.
Outcome = Literal["ok", "failed", "timeout", "exited", "died", "unsupported", "skipped"]


@dataclass(frozen=True)
class Location:
    """A line of source: absolute path, line from 1, and the function's qualified name."""

    file: str
    line: int
    function: str = ""


@dataclass(frozen=True)
class Job:
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
class TypeSpec:
    """A type as data: any of `names` (`module:qualname`, a builtin's name, or `None`) or one of `literals`.

    Unions are flattened and generics reduced to their origin. Both empty: any type. `text` is what the user wrote.
    """

    text: str = ""
    names: tuple[str, ...] = ()
    literals: tuple[Scalar, ...] = ()


@dataclass(frozen=True)
class DeclaredContract:
    """One contract declared in Python, read by the probe: `terms` as the user gave them, made JSON."""

    component: str
    type: TypeSpec | None
    terms: dict[str, Any]
    location: Location | None = None
    origin: str = ""


@dataclass(frozen=True)
class DeclaredFault:
    """A declaration that the probe could not read: the reference, what is wrong with it, and a hint."""

    reference: str
    message: str
    hint: str = ""


QuestionKind = Literal["present", "fits", "attribute", "method", "same", "bound"]


@dataclass(frozen=True)
class Question:
    """Something the probe can find out about one component without judging it.

    `present`: is the component set, and is it None?
    `fits`: is it an instance of `type`?
    `attribute`: does the dotted `path` lead to something, and is that None?
    `method`: is `path` callable; async, if `asynchronous`; does it accept a call shaped like `signature`?
    `same`: is what `path` leads to the very object that the address `other` holds?
    `bound`: does `operator` (`gt`, `ge`, `lt`, `le`, `multiple_of`, `min_length`, `max_length`, `pattern`) hold of the
    value with `operand`? The value itself is not sent.
    """

    kind: QuestionKind
    component: str
    path: str = ""
    type: TypeSpec | None = None
    signature: str = ""
    asynchronous: bool = False
    other: str = ""
    operator: str = ""
    operand: Scalar = None

    def __hash__(self) -> int:
        """Of what tells questions apart nearly always: there may be tens of thousands, each looked up several times."""
        return hash((self.component, self.kind, self.path, self.operator))


@dataclass(frozen=True)
class PlanItem:
    """A question, and the phase at whose marked end it is asked; at the end of startup otherwise."""

    question: Question
    phase: str | None = None


@dataclass(frozen=True)
class Plan:
    """What the probe is asked. `checks` are modules with `phase_check` functions.

    The probe first looks for the types that the questions name; those that lead nowhere it sends as `unresolved`, and
    starts nothing. With `start` false it does so in any case.
    """

    items: tuple[PlanItem, ...] = ()
    checks: tuple[str, ...] = ()
    start: bool = True
    version: int = VERSION


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
class Raised:
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
class Stand:
    """Where a task or a thread stands, innermost line first; `location` is the first that is the application's."""

    kind: Literal["task", "thread", "process"]
    name: str
    lines: tuple[Location, ...] = ()
    main: bool = False
    location: Location | None = None


FaultKind = Literal[
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
class Fault:
    """Why a stage did not end well.

    `message` is a sentence; `chain` the exception and what led to it, the raised one first. `missing` is the module,
    attribute or arguments that are not there and `near` the nearest name that is. `read` is the sequence number of the
    failed read (`Event.seq`) that ended it. `status` is the exit status of the process, negative for a signal.
    """

    kind: FaultKind
    message: str = ""
    chain: tuple[Raised, ...] = ()
    location: Location | None = None
    missing: str = ""
    near: str = ""
    read: int | None = None
    status: int | None = None
    stands: tuple[Stand, ...] = ()
    circle: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """One stage of the target's life, in order. `faults`: the root first, what it led to after it."""

    name: StageName
    start_ms: float
    ms: float
    outcome: Outcome
    faults: tuple[Fault, ...] = ()


#: `read` is a read of something that was not there. `replace-state` is the replacement of the state object as a whole.
Operation = Literal["set", "delete", "read", "replace-state"]


@dataclass(frozen=True)
class Event:
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
class Component:
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
class Held:
    """An object reachable from a component that an earlier version of another component is: `path` from the holder."""

    holder: str
    path: str
    component: str
    version: str
    type: str


@dataclass(frozen=True)
class Mark:
    """A phase marked by the application. `last_seq`: the last event before it ended."""

    phase: str
    start_ms: float
    ms: float
    last_seq: int
    outcome: Literal["ok", "failed", "open"] = "ok"
    location: Location | None = None
    first_seq: int = 0


@dataclass(frozen=True)
class Handler:
    """A startup handler that was registered, and how often it was seen to run (None: unknown)."""

    name: str
    registered_on: str
    calls: int | None
    location: Location | None = None


@dataclass(frozen=True)
class Mounted:
    """A mounted application: `entered` says whether anyone entered its lifespan (None: unknown)."""

    path: str
    type: str
    has_lifespan: bool
    entered: bool | None
    location: Location | None = None


@dataclass(frozen=True)
class DeadTask:
    """A background task or thread that ended with an exception nobody retrieved."""

    kind: Literal["task", "thread"]
    name: str
    ms: float
    fault: Fault
    created: Location | None = None


@dataclass(frozen=True)
class CheckRun:
    """One `phase_check` function that was run, or not: then `skipped` says why."""

    name: str
    phase: str
    requires: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    fault: Fault | None = None
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
class Loaded:
    """Sent when the target's module has been imported: what it is, and the contracts declared in Python there."""

    target: TargetInfo
    contracts: tuple[DeclaredContract, ...] = ()
    faults: tuple[DeclaredFault, ...] = ()
    declare_version: int | None = None
    version: int = VERSION


@dataclass(frozen=True)
class Unresolved:
    """Sent instead of starting: types of contracts that lead nowhere, each as component, message and nearest name."""

    types: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Observation:
    """What the probe saw, from its start to the end of the shutdown. Complete unless a stage says otherwise."""

    target: TargetInfo
    stages: tuple[Stage, ...] = ()
    states: tuple[StateInfo, ...] = ()
    events: tuple[Event, ...] = ()
    components: tuple[Component, ...] = ()
    answers: tuple[Answer, ...] = ()
    marks: tuple[Mark, ...] = ()
    handlers: tuple[Handler, ...] = ()
    mounts: tuple[Mounted, ...] = ()
    held: tuple[Held, ...] = ()
    dead: tuple[DeadTask, ...] = ()
    left: tuple[Stand, ...] = ()
    checks: tuple[CheckRun, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)
    version: int = VERSION


# An escaped backslash, a pair of surrogates, or a lone one, within JSON text.
_ESCAPE = re.compile(r"\\(?:\\|u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..))")


def encode(message: Any) -> bytes:
    """A message as JSON. Lone surrogates, as in undecodable file names, become readable escapes: JSON refuses them."""
    text = dumps(message, default=vars, separators=(",", ":"))
    if "\\ud" in text:
        text = _ESCAPE.sub(lambda found: "\\" + found[0] if found[1] else found[0], text)
    return text.encode("ascii")
