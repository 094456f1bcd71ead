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
VERSION = 2

Scalar = Union[bool, int, float, str, None]

StageName = Literal["import", "build", "startup", "settle", "isolation", "live", "shutdown"]
#: Stages that are called otherwise in sentences.
_IN_WORDS = {"isolation": "making instances for users", "live": "serving users"}


def in_words(stage: StageName) -> str:
    """What a stage is called as the subject of a sentence."""
    return _IN_WORDS.get(stage, stage)


def meanwhile(stage: StageName) -> str:
    """`during startup`, `while serving users`."""
    return f"while {_IN_WORDS[stage]}" if stage in _IN_WORDS else f"during {stage}"


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
class DeclaredEvents:
    """What is expected of a target's events, declared in Python: `terms` as the user gave them, made JSON."""

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


#: A JSON Web Token (RFC 7519), whole or in part, forged ones included: `{"` is `eyJ` in base64url.
WEB_TOKEN = re.compile(r"eyJ[\w-]*(?:\.[\w-]*)*")

#: What the users that are made up are called in what is told of them, the first of any number.
USERS = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "niaj")


def user_name(number: int) -> str:
    """What user `number`, from 0, is called."""
    return USERS[number] if number < len(USERS) else f"user-{number + 1}"


@dataclass(frozen=True)
class PerUser:
    """Make instances of one component's product for several users at once, and look at what they reach.

    `create` and `release` are dotted paths from the component; `context` is `module:attr`, or empty: then `create`
    takes the user's id. `shared` are attribute paths from an instance that users share on purpose, `shared_types` names
    of types that are. `cycles` is how many instances are then made and released one after the other, at the most.
    """

    component: str
    create: str
    context: str = ""
    release: str = ""
    shared: tuple[str, ...] = ()
    shared_types: tuple[str, ...] = ()
    users: int = 10
    cycles: int = 1000


@dataclass(frozen=True)
class Serve:
    """Serve the started application for clients of the host, for `most_s` seconds at the most.

    `token` is the `module:attr` of the function that makes tokens, or empty. `mark` is in the id of every user.
    """

    token: str = ""
    mark: str = ""
    most_s: float = 60.0


@dataclass(frozen=True)
class Plan:
    """What the probe is asked. `checks` are modules with `phase_check` functions.

    The probe first looks for the types that the questions name; those that lead nowhere it sends as `unresolved`, and
    starts nothing. With `start` false it does so in any case.
    """

    items: tuple[PlanItem, ...] = ()
    checks: tuple[str, ...] = ()
    per_user: tuple[PerUser, ...] = ()
    serve: Serve | None = None
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
    events: tuple[DeclaredEvents, ...] = ()
    faults: tuple[DeclaredFault, ...] = ()
    declare_version: int | None = None
    version: int = VERSION


@dataclass(frozen=True)
class Unresolved:
    """Sent instead of starting: what contracts name and is not there.

    Types and functions, each as component (or "" for the events), term, message and nearest name.
    """

    names: tuple[tuple[str, str, str, str], ...] = ()


@dataclass(frozen=True)
class Reached:
    """A way to an object: from the instance made for `user`, along `path`; an empty path is the instance itself."""

    user: str
    path: str


@dataclass(frozen=True)
class SharedObject:
    """One object that the instances of `users` users reach; two of the ways.

    `entry` is its name, if it is in a state. `origin` says what it is besides, where that is known; `location` is where
    the object was made or, for these, the class or function.
    """

    type: str
    first: Reached
    second: Reached
    users: int = 2
    entry: str = ""
    origin: Literal["", "class attribute", "default argument"] = ""
    location: Location | None = None


@dataclass(frozen=True)
class Leak:
    """Text that names the user `owner`, found where the instance made for another reaches."""

    owner: str
    seen: Reached


@dataclass(frozen=True)
class Captive:
    """An instance that the component `holder` still reaches along `path` after its release.

    `holder` is empty where no component reaches it, though something keeps it: then `path` is that something's type.
    """

    holder: str
    path: str
    user: str


@dataclass(frozen=True)
class Grown:
    """A container reachable from the component `holder` that became longer by `by` while instances came and went."""

    holder: str
    path: str
    type: str
    by: int


@dataclass(frozen=True)
class Growth:
    """What `cycles` creations and releases, one after the other, left: instances and longer containers."""

    cycles: int
    ms: float
    alive: int | None = None
    kept: tuple[Captive, ...] = ()
    grown: tuple[Grown, ...] = ()


@dataclass(frozen=True)
class UserFault:
    """A step that failed for a number of users, and how it did for one of them."""

    step: Literal["context", "create", "release"]
    users: int
    user: str
    fault: Fault


@dataclass(frozen=True)
class Isolation:
    """What instances of one component's product, made for several users at once, reach.

    `users` is for how many an instance was made, `objects` how many objects were looked at. `captives` are looked for
    when `released`. `skipped` says why nothing was done.
    """

    component: str
    users: int = 0
    objects: int = 0
    ms: float = 0.0
    type: str = ""
    same: tuple[SharedObject, ...] = ()
    shared: tuple[SharedObject, ...] = ()
    leaks: tuple[Leak, ...] = ()
    released: bool = False
    captives: tuple[Captive, ...] = ()
    growth: Growth | None = None
    faults: tuple[UserFault, ...] = ()
    location: Location | None = None
    skipped: str = ""


@dataclass(frozen=True)
class LiveEvent:
    """One message that a client received.

    `name`: the event's name; "" where the message has none. `ms`: since the message it may answer was sent. `run`: the
    number of the run it belongs to among those that the client has seen, from 0, where events tell. `foreign` is the
    other user whose canary was in it; `marked` says whether any canary was. `repeats`: the client has had an event with
    this very id before.
    """

    name: str
    ms: float
    run: int = 0
    foreign: str = ""
    marked: bool = False
    repeats: bool = False


@dataclass(frozen=True)
class LiveClient:
    """One WebSocket client and what it saw.

    `sent`: how many runs it asked for. `ended`: `done` when all it waited for had come, `deadline`, `closed` by the
    server, `refused` before it was open (then `status` is the HTTP status), `failed` otherwise. `close_code`: see
    RFC 6455, section 7.4. `ms`: from the opening to the end.
    """

    user: str
    sent: int = 0
    events: tuple[LiveEvent, ...] = ()
    ended: Literal["done", "deadline", "closed", "refused", "failed"] = "done"
    status: int | None = None
    close_code: int | None = None
    ms: float = 0.0
    error: str = ""


ScenarioName = Literal[
    "delivery",
    "no token",
    "expired token",
    "wrong signature",
    "alg none",
    "another audience",
    "slow reader",
    "reconnect",
    "expiry",
    "burst",
]


@dataclass(frozen=True)
class Scenario:
    """What clients with one behaviour saw. `skipped` says why it was not tried."""

    name: ScenarioName
    clients: tuple[LiveClient, ...] = ()
    ms: float = 0.0
    skipped: str = ""


@dataclass(frozen=True)
class ReadinessSeen:
    """What the readiness URL answered at first, and how long after that it first answered 200 (None: never)."""

    first_status: int | None
    ready_ms: float | None = None
    last_status: int | None = None


@dataclass(frozen=True)
class Identity:
    """An entry of a state that a user's request wrote, and that then led along `path` to that user's id."""

    component: str
    path: str
    location: Location | None = None


@dataclass(frozen=True)
class Served:
    """The probe's side of the live part: which server, and what the application raised while it served.

    `faults` are exceptions of request handlers and of background tasks. `identities` are entries of a state that were
    written while users were served and then held the id of one.
    """

    server: str = ""
    faults: tuple[Fault, ...] = ()
    identities: tuple[Identity, ...] = ()
    skipped: str = ""


@dataclass(frozen=True)
class Live:
    """What real clients saw of the served application. `skipped` says why there were none."""

    scenarios: tuple[Scenario, ...] = ()
    readiness: ReadinessSeen | None = None
    skipped: str = ""


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
    isolation: tuple[Isolation, ...] = ()
    served: Served | None = None
    live: Live | None = None
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
