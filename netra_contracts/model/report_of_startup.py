"""The times of a startup: its stages, the awaits of its lifespan, its imports."""

from __future__ import annotations

from netra_contracts.contracts.model import FrozenModel
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.failures import FailureKind
from netra_contracts.protocol.stages import StageName, StageOutcome


class StageReport(FrozenModel):
    """One stage of the run.

    Attributes:
        name: name of the stage.
        start_ms: when it began, since the start of the probe.
        ms: how long it took.
        outcome: how it ended.
        failure: why it did not succeed; null: it did.
        busy_ms: processor time of the target's process, of all threads together: more than `ms` if several worked at
            once. The rest of `ms` the process waited, for the network, for child processes or for a processor. null:
            unknown.
    """

    name: StageName
    start_ms: float
    ms: float
    outcome: StageOutcome
    failure: FailureKind | None = None
    busy_ms: float | None = None


class AwaitReport(FrozenModel):
    """An `await` of the lifespan during which it waited: nothing of it ran, while the event loop was free for others.

    Attributes:
        location: line of the outermost function of the application that waited.
        waited_ms: how long it waited, in all.
        start_ms: when it waited first, since the start of the probe.
        times: how often it waited.
        inside: innermost line of the application during the longest wait; null: the same line.
    """

    location: Location
    waited_ms: float
    start_ms: float
    times: int = 1
    inside: Location | None = None


class ImportReport(FrozenModel):
    """The import of one module.

    Attributes:
        module: name of the module.
        own: whether it is a module of the application.
        ms: how long the import took, with that of the modules that it imports.
        self_ms: how long the module took by itself.
        imported_by: module that imported it first; empty: unknown.
    """

    module: str
    own: bool
    ms: float
    self_ms: float
    imported_by: str = ""


class StartupReport(FrozenModel):
    """The stages of the run. A time is null if the stage was not reached.

    Attributes:
        outcome: how startup ended.
        import_ms: how long the import took.
        build_ms: how long the factory took.
        startup_ms: how long startup took.
        shutdown_ms: how long shutdown took.
        took_ms: from the start of the target's process to the end of the last stage.
        outside_stages_ms: the part of `took_ms` that belongs to no stage.
        stages: all stages that were reached, in order.
        awaits: awaits of the lifespan during which it waited, in order of time.
        slow_imports: imports that took longest: those that the application's own modules cause, and those that took
            longest by themselves.
    """

    outcome: StageOutcome
    import_ms: float | None = None
    build_ms: float | None = None
    startup_ms: float | None = None
    shutdown_ms: float | None = None
    took_ms: float | None = None
    outside_stages_ms: float | None = None
    stages: tuple[StageReport, ...] = ()
    awaits: tuple[AwaitReport, ...] = ()
    slow_imports: tuple[ImportReport, ...] = ()
