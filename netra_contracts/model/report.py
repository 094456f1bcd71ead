"""The report: findings, what was checked, and what was not. Renderers draw it and nothing else."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from netra_contracts.contracts.model import FrozenModel
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked, Finding, NotRun
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observation import TargetInfo
from netra_contracts.protocol.stages import StageName, StageOutcome

#: Raised when a field of the JSON report is removed or changes its meaning.
SCHEMA_VERSION = 2


class Verdict(StrEnum):
    """The result of a run. `not_started`: the target could not be found, imported, built or started."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_STARTED = "not_started"


class StageReport(FrozenModel):
    """One stage of the target's life."""

    name: StageName
    start_ms: float
    ms: float
    outcome: StageOutcome


class StartupReport(FrozenModel):
    """The outcome of import, build and startup, and durations. A stage that was not reached has None."""

    outcome: StageOutcome
    import_ms: float | None = None
    build_ms: float | None = None
    startup_ms: float | None = None
    shutdown_ms: float | None = None
    stages: tuple[StageReport, ...] = ()


class TimelineEntry(FrozenModel):
    """One state change, or the span of a stage or a phase. `ms` counts from the start of the probe."""

    kind: Literal["stage", "phase", "set", "delete", "read", "replace-state"]
    name: str
    ms: float
    span_ms: float | None = None
    type: str = ""
    is_none: bool = False
    location: Location | None = None
    compared: bool = False


class ComponentReport(FrozenModel):
    """One component that was observed, has a contract, or both.

    `status`: `held`: its contract holds; `broken`: it has findings; `blocked`: what it depends on is broken; `not_run`:
    its contract could not be checked; `unchecked`: it has no contract.
    """

    address: str
    type: str | None = None
    is_none: bool = False
    present: bool = True
    phase: Phase | None = None
    status: Literal["held", "broken", "blocked", "not_run", "unchecked"] = "unchecked"
    set_ms: float | None = None
    writes: int = 0
    location: Location | None = None
    declared: str = ""
    blocked_by: str = ""


class PhaseReport(FrozenModel):
    """One phase with the number of its contracts by status. `start_ms` and `ms` are known if it was marked."""

    name: Phase
    status: Literal["passed", "failed", "blocked", "not_run", "empty"]
    contracts: int = 0
    held: int = 0
    broken: int = 0
    blocked: int = 0
    not_run: int = 0
    checks: int = 0
    marked: bool = False
    start_ms: float | None = None
    ms: float | None = None


class IsolationReport(FrozenModel):
    """How many users' instances of one component were created, and how many objects were inspected."""

    component: str
    type: str = ""
    users: int = 0
    objects: int = 0
    cycles: int = 0
    ms: float = 0.0
    skipped: str = ""


class ScenarioReport(FrozenModel):
    """How many clients one scenario had, and how many events they received."""

    name: str
    clients: int = 0
    events: int = 0
    ms: float = 0.0
    skipped: str = ""


class ClientsReport(FrozenModel):
    """What real clients received. The times, in ms, are between two events of a run of normal clients."""

    server: str = ""
    users: int = 0
    events: int = 0
    p50_ms: float | None = None
    p99_ms: float | None = None
    max_ms: float | None = None
    events_per_s: float | None = None
    scenarios: tuple[ScenarioReport, ...] = ()
    skipped: str = ""


class Summary(FrozenModel):
    """Counts of findings by severity, and of contracts by status."""

    errors: int = 0
    warnings: int = 0
    notes: int = 0
    contracts: int = 0
    held: int = 0
    broken: int = 0
    blocked: int = 0
    not_run: int = 0
    components: int = 0


class TargetReport(FrozenModel):
    """The target. `resolved` are sentences that say how it was found, in the order of resolution."""

    info: TargetInfo
    resolved: tuple[str, ...] = ()
    contracts_from: tuple[str, ...] = ()


class Report(FrozenModel):
    """The outcome of one run of `check`. `exit_code` is the exit status of the command."""

    schema_version: int = SCHEMA_VERSION
    tool_version: str
    verdict: Verdict
    exit_code: int
    target: TargetReport
    startup: StartupReport
    timeline: tuple[TimelineEntry, ...] = ()
    components: tuple[ComponentReport, ...] = ()
    phases: tuple[PhaseReport, ...] = ()
    isolation: tuple[IsolationReport, ...] = ()
    clients: ClientsReport | None = None
    findings: tuple[Finding, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    not_run: tuple[NotRun, ...] = ()
    summary: Summary = Summary()
    output: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no finding is at or above the fail level, and the target has started."""
        return self.exit_code == 0

    def raise_for_violations(self) -> None:
        """Raise an exception unless the report is `ok`.

        Raises:
            AppStateContractViolation: with this report.
        """
        if not self.ok:
            raise AppStateContractViolation(self)


class AppStateContractViolation(Exception):  # noqa: N818 - the public name, from the ADR this tool grew out of
    """Contracts are broken, or the target did not start. `report` has all findings."""

    def __init__(self, report: Report) -> None:
        self.report = report
        roots = [finding for finding in report.findings if not finding.caused_by]
        lines = [f"{finding.code} {finding.message}" for finding in roots]
        super().__init__("\n".join([f"{len(roots)} violations" if len(roots) != 1 else "1 violation", *lines]))
