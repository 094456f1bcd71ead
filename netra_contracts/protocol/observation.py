"""What the probe observed, from the import of the target to the end of its shutdown."""

from __future__ import annotations

from typing import Literal

from .app_states import ObservedState, StaleReference, StateChange, StateEntry
from .clients import ClientObservation, ServerObservation
from .event_loop import BlockedLoop, LifespanAwait, UnreferencedTask
from .failures import CaughtException, Holder, StackSnapshot, StageFailure
from .imports import ImportedModule
from .isolation import IsolationResult
from .lifecycle import AbandonedGenerator, OpenedAtImport, UnseenVariable
from .location import Location
from .module_objects import ModuleObject
from .plan import Question
from .record import record
from .source_usage import SourceUsage, UseEvidence
from .stages import StageName, StageOutcome
from .surroundings import LateVariable, SilencedLoggers

#: Why an answer is not yes, where the other fields of the answer do not say it. `call-refused`: the method does not
#: accept a call of the shape in the question. `other-not-set`: the other component of a wire is not in the state.
#: `no-state`: applications were created, but none was found in the target, so that it is unknown which state has it.
#: `not-imported`: the application did not import the module. `raised`: importing it, or calling the provider, did.
#: `not-provided`: it is unknown what the provider returns.
AnswerReason = Literal[
    "",
    "not-callable",
    "not-async",
    "call-refused",
    "other-not-set",
    "no-state",
    "not-imported",
    "raised",
    "not-provided",
]


@record(frozen=True)
class Answer:
    """The answer to one question of the plan.

    Attributes:
        item: the index of the question in the plan.
        holds: yes, no, or None: unknown.
        moment: when it was answered: at the end of a marked phase, by its name, or `startup`: at the end of startup,
            or `shutdown`: right before the shutdown.
        is_none: whether the object is None.
        missing: the first step of a dotted path that does not exist; if the component itself does not, the address of
            the outermost object that does not.
        actual: the name of the object's type.
        reason: why it does not hold or is unknown.
        detail: more about the reason, in words and without values.
        near: the nearest name to the one that does not exist.
        version: for `same`, the `StateChange.version` of the object found; empty: no state has ever held it.
        location: where the method is defined that refuses the call.
    """

    item: int
    holds: bool | None
    moment: str = "startup"
    is_none: bool = False
    missing: str = ""
    actual: str = ""
    reason: AnswerReason = ""
    detail: str = ""
    near: str = ""
    version: str = ""
    location: Location | None = None


@record(frozen=True)
class ProviderCall:
    """What became of the call of a provider, after startup.

    Attributes:
        address: of the provider, without the path that a contract may name after its call.
        skipped: why it is unknown what the provider returns; empty: it is known, or the call failed.
        failure: why the call failed; None: it did not.
        varies: whether a second call returned another object; None: there was none, or it failed.
        created: whether the call created the object: nothing had called it before; None: unknown.
        variable: the name under which the provider's module keeps the object; empty: unknown.
        location: the line that stores the object under this name, or where the provider is defined.
    """

    address: str
    skipped: str = ""
    failure: StageFailure | None = None
    varies: bool | None = None
    created: bool | None = None
    variable: str = ""
    location: Location | None = None


@record(frozen=True)
class FailedImport:
    """An import that a contract asks for with `imports = true` and that failed."""

    module: str
    failure: StageFailure


@record(frozen=True)
class DuplicateModule:
    """A file of the target that was executed more than once, as modules of different names."""

    file: str
    names: tuple[str, ...]


@record(frozen=True)
class Stage:
    """One stage of a run.

    Attributes:
        failures: the root first, what it led to after it.
        busy_before_ms: processor time that the process had used when the stage began; None: unknown.
        busy_ms: processor time that it used in the stage, in all threads; None: unknown.
    """

    name: StageName
    start_ms: float
    ms: float
    outcome: StageOutcome
    failures: tuple[StageFailure, ...] = ()
    busy_before_ms: float | None = None
    busy_ms: float | None = None


@record(frozen=True)
class MarkedPhase:
    """A phase marked by the application.

    Attributes:
        last_seq: the last state change before it ended.
        busy_ms: processor time that the process used in the phase, in all threads; None: unknown.
    """

    phase: str
    start_ms: float
    ms: float
    last_seq: int
    outcome: Literal["ok", "failed"] = "ok"
    location: Location | None = None
    busy_ms: float | None = None


@record(frozen=True)
class StartupHandler:
    """A registered startup handler, how often it ran (None: unknown), and the attributes that its code stores."""

    name: str
    registered_on: str
    calls: int | None
    location: Location | None = None
    stores: tuple[str, ...] = ()


@record(frozen=True)
class MountedApp:
    """A mounted application. `entered`: whether its lifespan was entered (None: unknown)."""

    path: str
    type: str
    has_lifespan: bool
    entered: bool | None
    location: Location | None = None


@record(frozen=True)
class DroppedMapping:
    """A mapping that a lifespan yielded and that did not reach the state of the application's scope.

    Attributes:
        function: the name of the lifespan.
        keys: those that are not in the state.
        location: the `yield`.
        entered: where the lifespan was entered.
    """

    function: str
    keys: tuple[str, ...]
    location: Location | None = None
    entered: Location | None = None


@record(frozen=True)
class YieldedObject:
    """What a lifespan yielded, if it was no mapping. `location`: the `yield`."""

    type: str
    location: Location | None = None


#: `gather`: the future that `asyncio.gather` returns. `job`: a function that an executor runs, or a coroutine given to
#: `asyncio.run_coroutine_threadsafe`. `callback`: a function that the event loop calls, such as that of `call_later`.
BackgroundKind = Literal["task", "thread", "gather", "future", "job", "callback"]


@record(frozen=True)
class FailedBackgroundTask:
    """Background work that ended with an exception which nothing retrieved.

    Attributes:
        ms: when it was noticed.
        created: the line that created it.
        stage: the stage in which it was noticed.
        started_in: the stage in which it was created; None: unknown.
        holder: what keeps a reference to it.
        dropped: whether nothing referred to it any more when it was noticed.
    """

    kind: BackgroundKind
    name: str
    ms: float
    failure: StageFailure
    created: Location | None = None
    stage: StageName = "settle"
    started_in: StageName | None = None
    holder: Holder | None = None
    dropped: bool = False


@record(frozen=True)
class PhaseCheckResult:
    """The result of one `phase_check` function.

    Attributes:
        messages: what the function reported.
        failure: why it raised.
        skipped: why it was not called; empty: it was.
    """

    name: str
    phase: str
    requires: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    failure: StageFailure | None = None
    ms: float = 0.0
    skipped: str = ""
    location: Location | None = None


@record(frozen=True)
class DescribedComponent:
    """What a contract of a component can say, as observed at one moment.

    Attributes:
        address: of the component.
        moment: the phase at whose end it was observed, or `startup`.
        type: the name of its type: that of a public alias, if the same class is found under one.
        version: see `StateChange.version`.
        wires: attributes that are the very object that another component is: attribute -> address of that component.
        methods: public methods of its class, as many as are needed to tell it from others; only if no import can name
            the class.
        async_methods: those of its methods that are async, in the same way.
    """

    address: str
    moment: str
    type: str
    version: str
    wires: dict[str, str]
    methods: tuple[str, ...] = ()
    async_methods: tuple[str, ...] = ()


@record(frozen=True)
class UninstalledImport:
    """An import of netra-contracts by a module of the application, where netra-contracts is not installed.

    Attributes:
        module: the module that imports it.
        location: the line of the import.
    """

    module: str
    location: Location


@record(frozen=True)
class TargetInfo:
    """The target, as far as it is known.

    Attributes:
        spec: `module:attr`.
        kind: what the named object is.
        how: a sentence on how the target was found, if the user named only a module.
        type: the name of the type of the application or state.
        file: the module's source file.
        location: where a factory is defined.
        python: the version of the interpreter.
        executable: its path.
        app_dir: the folder that the target is imported from, if one was given.
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


@record(frozen=True)
class ReliedAnswer:
    """The answer to a question of `question_of_term`. Its index is meaningless: the plan does not have the question."""

    question: Question
    answer: Answer


@record(frozen=True)
class LoggedMessage:
    """A message that was logged at WARNING or above while the application was built and started.

    Attributes:
        logger: the name of the logger.
        level: the name of the level.
        template: the message before its arguments are inserted, masked; empty: it is not a text.
        exception: the type of the exception that was logged with it, or as it; empty: none.
        location: the line that logged it or, if that is a library's, the line that called the library.
        ms: when it was logged first.
        count: how often it was logged.
        text: the message with its arguments, masked, when it was logged first. It is sent for a terminal only, if the
            user asked for it, and is never part of a recording.
    """

    logger: str
    level: str
    template: str
    exception: str = ""
    location: Location | None = None
    ms: float = 0.0
    count: int = 1
    text: str = ""


@record(frozen=True)
class Observation:
    """Everything that was observed of one run. It is complete unless a stage says otherwise.

    Attributes:
        answers: to the questions of the plan.
        states: the states that exist at the end of startup.
        handlers: startup handlers.
        dropped_mappings: what lifespans yielded and whoever entered them did not pass on.
        not_a_mapping: what the lifespan yielded, if that ended the startup; None: it did not.
        opened_at_import: what the import opened that a forked process does not get intact, and is still open.
        unseen_variables: context variables that the lifespan sets and handlers do not see.
        abandoned_generators: those that were advanced by hand and that nothing resumes.
        left_running: tasks, threads and processes that still run after the shutdown.
        unreferenced_tasks: pending tasks of the startup that the garbage collector destroyed.
        blocked_loop: what blocked the event loop during startup for longer than the option allows, in order.
        awaits: where the lifespan waited during startup, in order.
        slow_imports: the imports that took longest.
        silenced_loggers: loggers of the application that startup has silenced.
        late_variables: environment variables that were read before the file was loaded that sets them.
        phase_checks: results of `phase_check` functions.
        uninstalled_imports: imports of netra-contracts that nothing handles and that fail without this tool.
        caught_exceptions: of the target's own code, until the end of the settle stage, in order.
        log: what the application logged at WARNING and above until the end of the settle stage, in order.
        described: the components at several moments, if the plan asks for it.
        server: the live stage, as the probe saw it; None: there was none.
        clients: the live stage, as the clients saw it; added by the host.
        providers: the calls of providers that contracts name.
        failed_imports: of modules that contracts name.
        duplicate_modules: files that were loaded under several names; looked for only where an answer is no.
        usage: what the sources say of the use of the states; added by the host. None: they were not read.
        uses: how what they say fits the components; None: it was not asked for.
        module_objects: objects of the application's modules, if no component was found in its states.
        more_module_objects: how many more there are.
        relied: whether the components fit what contracts can say of the uses, if the plan asks for it.
    """

    target: TargetInfo
    stages: tuple[Stage, ...] = ()
    state_changes: tuple[StateChange, ...] = ()
    components: tuple[StateEntry, ...] = ()
    states: tuple[ObservedState, ...] = ()
    answers: tuple[Answer, ...] = ()
    marked_phases: tuple[MarkedPhase, ...] = ()
    handlers: tuple[StartupHandler, ...] = ()
    mounts: tuple[MountedApp, ...] = ()
    dropped_mappings: tuple[DroppedMapping, ...] = ()
    not_a_mapping: YieldedObject | None = None
    opened_at_import: tuple[OpenedAtImport, ...] = ()
    unseen_variables: tuple[UnseenVariable, ...] = ()
    abandoned_generators: tuple[AbandonedGenerator, ...] = ()
    stale_references: tuple[StaleReference, ...] = ()
    failed_tasks: tuple[FailedBackgroundTask, ...] = ()
    left_running: tuple[StackSnapshot, ...] = ()
    phase_checks: tuple[PhaseCheckResult, ...] = ()
    uninstalled_imports: tuple[UninstalledImport, ...] = ()
    caught_exceptions: tuple[CaughtException, ...] = ()
    log: tuple[LoggedMessage, ...] = ()
    described: tuple[DescribedComponent, ...] = ()
    isolation: tuple[IsolationResult, ...] = ()
    server: ServerObservation | None = None
    clients: ClientObservation | None = None
    providers: tuple[ProviderCall, ...] = ()
    failed_imports: tuple[FailedImport, ...] = ()
    duplicate_modules: tuple[DuplicateModule, ...] = ()
    usage: SourceUsage | None = None
    uses: UseEvidence | None = None
    module_objects: tuple[ModuleObject, ...] = ()
    more_module_objects: int = 0
    relied: tuple[ReliedAnswer, ...] = ()
    unreferenced_tasks: tuple[UnreferencedTask, ...] = ()
    blocked_loop: tuple[BlockedLoop, ...] = ()
    awaits: tuple[LifespanAwait, ...] = ()
    slow_imports: tuple[ImportedModule, ...] = ()
    silenced_loggers: tuple[SilencedLoggers, ...] = ()
    late_variables: tuple[LateVariable, ...] = ()
