"""The report: findings, with what was checked and what was not. Renderers draw this value only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import ClassVar, Literal

from netra_contracts.contracts.fail_level import FailLevel
from netra_contracts.contracts.model import FrozenModel
from netra_contracts.declare import Phase
from netra_contracts.errors import display_path
from netra_contracts.model.finding import Blocked, Finding, NotRun
from netra_contracts.model.impact import Impact
from netra_contracts.model.report_of_clients import ClientsReport
from netra_contracts.model.report_of_modules import ModuleObjectReport
from netra_contracts.model.report_of_startup import StartupReport
from netra_contracts.model.suppression import StaleSuppression, Suppressed
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.observation import TargetInfo

#: Raised when a field of the JSON report is removed or changes its meaning.
SCHEMA_VERSION = 2

#: Member of `Report.failed_by`: something that contracts ask for could not be done.
NOT_RUN = "not run"


class Verdict(StrEnum):
    """The result of a run. `not_started`: the target could not be found, imported, built or started."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_STARTED = "not_started"


class TimelineEntry(FrozenModel):
    """One state change, or the span of a stage or phase.

    Attributes:
        kind: what the entry is.
        name: the stage, the phase, or the address of the component.
        ms: when it happened or began, since the start of the probe.
        span_ms: how long a stage or phase took.
        since_ms: how long before a state change the one before it in its stage happened, or the stage began.
        busy_ms: processor time in the span or in `since_ms`, see StageReport; null: unknown.
        type: type that was set.
        is_none: whether None was set.
        location: line of the application.
        compared: whether the change was found by comparison and happened at `ms` or earlier.
    """

    kind: Literal["stage", "phase", "set", "delete", "read", "replace-state"]
    name: str
    ms: float
    span_ms: float | None = None
    since_ms: float | None = None
    busy_ms: float | None = None
    type: str = ""
    is_none: bool = False
    location: Location | None = None
    compared: bool = False


class ComponentReport(FrozenModel):
    """One component that was found in the state, has a contract, or both.

    Attributes:
        address: address of the component.
        type: type at the end of startup.
        is_none: whether it is None.
        present: whether it is in the state.
        phase: phase of its contract.
        status: `held`: the contract holds; `broken`: it has findings; `blocked`: it depends on a broken component, or
            on a stage that failed; `not_run`: it could not be checked; `unchecked`: it has no contract.
        set_ms: when it was first set, since the start of the probe.
        writes: how often it was set.
        location: line of the first write.
        declared: where its contract is declared.
        blocked_by: component or stage that blocks it.
        presence_only: whether its contract requires only that it is set and not None.
        impact: what a user loses when its contract is broken, as the contract says.
        requires: components that must be set before this one.
        wires: path of an attribute -> address of the component that must be the same object.
        same_as: component that this one must be.
        created_by_call: of what a provider returns, whether the tool's call created it, since nothing had called the
            provider during startup; null: unknown, or no provider.
        varies: of a provider that was called twice, whether it returned two objects; null: it was not.
        declared_at: line of its contract; null: it has none, or the line is unknown.
        known: whether it is broken, or blocked by a broken one, because of known findings only.
        read_places: number of lines of the sources that read it; null: unknown.
        guarded_places: how many of these allow it to be absent or None; null: unknown.
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
    presence_only: bool = False
    impact: str = ""
    requires: tuple[str, ...] = ()
    wires: Mapping[str, str] = {}
    same_as: str = ""
    created_by_call: bool | None = None
    varies: bool | None = None
    declared_at: Location | None = None
    known: bool = False
    read_places: int | None = None
    guarded_places: int | None = None


class PhaseReport(FrozenModel):
    """One phase with the number of its contracts by status.

    Attributes:
        name: name of the phase.
        status: `empty` if it has neither contracts nor checks.
        contracts: contracts that name the phase.
        held: contracts that hold.
        broken: contracts with findings.
        blocked: contracts that depend on a broken component, or on a stage that failed.
        not_run: contracts that could not be checked.
        checks: checks of the application (`phase_check`) in this phase.
        marked: whether the application marked the phase.
        start_ms: when a marked phase began, since the start of the probe.
        ms: how long a marked phase took.
        busy_ms: processor time in a marked phase, see StageReport; null: unknown.
        known: whether it failed or is blocked because of known findings only.
        known_broken: how many of the broken contracts are broken by known findings only.
    """

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
    busy_ms: float | None = None
    known: bool = False
    known_broken: int = 0


class IsolationReport(FrozenModel):
    """The isolation test of one component.

    Attributes:
        component: address of the component that creates instances.
        type: type of the instances.
        users: number of users that instances were created for.
        objects: number of objects reachable from the instances.
        cycles: how often an instance was created and released to test for retained instances.
        ms: how long the test took.
        skipped: why the test did not run; empty if it did.
    """

    component: str
    type: str = ""
    users: int = 0
    objects: int = 0
    cycles: int = 0
    ms: float = 0.0
    skipped: str = ""


class Summary(FrozenModel):
    """Counts of findings, contracts and components.

    Attributes:
        errors: findings of severity error.
        warnings: findings of severity warning.
        notes: findings of severity note.
        contracts: declared contracts.
        held: contracts that hold.
        broken: contracts with findings.
        blocked: contracts that depend on a broken component, or on a stage that failed.
        contracts_not_run: contracts that could not be checked. With held, broken and blocked, these are all contracts.
        later_contracts: contracts of later phases than the last one that was checked. They are not among `contracts`.
        not_run: checks that could not run.
        required_not_run: how many of them contracts ask for: with `strict`, they fail the run.
        components: components found in the state.
        known_broken: how many of the broken contracts are broken by known findings only.
        known: known findings; null, as the next three: there is neither a baseline nor a table of `ignore`.
        oldest_known_days: days since the oldest entry was added that suppresses a finding; null: none has a date.
        fixed: entries that match no finding any more.
        new: findings that are not suppressed, without those about entries.
    """

    errors: int = 0
    warnings: int = 0
    notes: int = 0
    contracts: int = 0
    held: int = 0
    broken: int = 0
    blocked: int = 0
    contracts_not_run: int = 0
    later_contracts: int = 0
    not_run: int = 0
    required_not_run: int = 0
    components: int = 0
    known_broken: int = 0
    known: int | None = None
    oldest_known_days: int | None = None
    fixed: int | None = None
    new: int | None = None


class TargetReport(FrozenModel):
    """The target and how it was found.

    Attributes:
        info: what the target is.
        resolved: sentences on how target and interpreter were found.
        contracts_from: sentences on where contracts were found.
    """

    info: TargetInfo
    resolved: tuple[str, ...] = ()
    contracts_from: tuple[str, ...] = ()


class Report(FrozenModel):
    """The result of one run of `check`.

    Attributes:
        schema_version: version of this format.
        tool_version: version of netra-contracts.
        verdict: result of the run.
        exit_code: exit status of the command, unless `--exit-zero` or `--update-baseline` make it 0.
        target: the target and how it was found.
        startup: the stages of the run.
        timeline: stages, phases and state changes, in order of time.
        components: components in the order they were set.
        phases: the four phases, if there are contracts or checks.
        isolation: isolation tests, one for each contract with `per-user`.
        clients: client scenarios; null without an event contract.
        findings: root causes, each followed by its consequences.
        blocked: contracts that were not judged because something they depend on is broken.
        not_run: checks that could not run.
        impacts: what users lose because of broken and blocked contracts, the most severe first.
        summary: counts.
        failed_by: what fails the run: codes of root causes, the stage that failed, `not run` for what `strict` counts.
        fail_level: lowest severity of a finding that fails the run.
        fail_levels: the same for single codes, or for the beginnings of codes.
        strict: whether what contracts ask for and could not be done fails the run.
        output: last lines that the target printed.
        suppressed: known findings, which the baseline or the configuration suppresses. They are not among `findings`.
        stale: entries that have expired, or that match nothing.
        module_objects: objects of modules and classes; only if the state is empty and there are no contracts.
        more_module_objects: how many more there are than the first 200.
        score: how many changes of this startup the contracts notice, from 0 to 100, as `netra-contracts score` says;
            null: `-v` was not given, there are no contracts, they do not hold, or there are more than 1,000 changes.
    """

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
    impacts: tuple[Impact, ...] = ()
    summary: Summary = Summary()
    failed_by: tuple[str, ...] = ()
    fail_level: FailLevel = "error"
    fail_levels: Mapping[str, FailLevel] = {}
    strict: bool = False
    output: tuple[str, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    stale: tuple[StaleSuppression, ...] = ()
    module_objects: tuple[ModuleObjectReport, ...] = ()
    more_module_objects: int = 0
    score: float | None = None

    #: Draws the concise table; set by `netra_contracts.api`, since the model knows no renderers.
    draw: ClassVar[Callable[[Report], str] | None] = None

    @property
    def ok(self) -> bool:
        """Whether the run passed: no finding at or above the fail level and, with `strict`, nothing left unchecked."""
        return self.exit_code == 0

    def __str__(self) -> str:
        """The concise table, as `netra-contracts check -q` prints it."""
        return self.text() if Report.draw is None else Report.draw(self).rstrip("\n")

    def __repr__(self) -> str:
        codes = ", ".join(finding.code for finding in self.findings)
        return f"<Report of {self.target.info.spec}: {self.verdict.value}, findings: {codes or 'none'}>"

    def text(self) -> str:
        """Each root cause with its location, causes and hint, as plain text; with `strict`, also what was not run."""
        roots = [finding for finding in self.findings if not finding.caused_by]
        unchecked = [entry for entry in self.not_run if entry.required] if NOT_RUN in self.failed_by else []
        counts = [_counted(len(roots), "violation")] if roots or not unchecked else []
        counts += [f"{_counted(len(unchecked), 'check')} not run"] if unchecked else []
        lines = [line for finding in roots for line in _lines(finding)]
        lines += [f"not run: {entry.code} {entry.component or entry.subject}: {entry.reason}" for entry in unchecked]
        return "\n".join([", ".join(counts), *lines])

    def raise_for_violations(self) -> None:
        """Raise an exception if there are findings at or above the fail level.

        Raises:
            AppStateContractViolation: with this report.
        """
        if not self.ok:
            raise AppStateContractViolation(self)


class AppStateContractViolation(Exception):  # noqa: N818 - the public name, from the ADR this tool grew out of
    """Contracts are broken, or the target did not start. `report` has everything that was found."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__(report.text())


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _lines(finding: Finding) -> Iterator[str]:
    """A finding as plain text: message, location, causes, hint."""
    yield f"{finding.code} {finding.message}"
    if finding.location is not None:
        yield f"  at {_at(finding.location)}"
    for cause in finding.causes:
        where = f" ({_at(cause.location)})" if cause.location is not None and cause.location != finding.location else ""
        yield f"  why: {cause.message}{where}"
    if finding.hint:
        yield f"  help: {finding.hint}"


def _at(location: Location) -> str:
    return f"{display_path(location.file)}:{location.line}"
