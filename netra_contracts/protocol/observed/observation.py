"""What the probe observed, from the import of the target to the end of its shutdown."""

from __future__ import annotations

from typing import Literal

from ..location import Location
from ..record import record
from ..source_usage import SourceUsage, UseEvidence
from ..stages import StageName, StageOutcome
from .answers import Answer, DescribedComponent, DuplicateModule, FailedImport, ProviderCall, ReliedAnswer
from .app_states import ObservedState, StaleReference, StateChange, StateEntry
from .clients import ClientObservation, ServerObservation
from .event_loop import BlockedLoop, LifespanAwait, UnreferencedTask
from .failures import CaughtException, Holder, StackSnapshot, StageFailure
from .isolation import IsolationResult
from .lifecycle import AbandonedGenerator, DroppedMapping, ImportedModule, OpenedAtImport, UnseenVariable, YieldedObject
from .module_objects import ModuleObject
from .surroundings import LateVariable, SilencedLoggers


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
