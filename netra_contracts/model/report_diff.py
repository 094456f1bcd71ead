"""What differs between two runs: findings, components, their order, contracts, checks not run, times."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netra_contracts.contracts.fail_level import FailLevel
from netra_contracts.contracts.model import FrozenModel, Severity
from netra_contracts.model.finding import Finding, NotRun
from netra_contracts.model.report import ComponentReport, Report, Summary, Verdict
from netra_contracts.model.run_report import TargetError
from netra_contracts.model.suppression import Suppressed
from netra_contracts.protocol.stages import StageName

#: Raised when a field of the JSON document is removed or changes its meaning.
DIFF_SCHEMA_VERSION = 1

#: In what a component differs. `line`: it is set by another line of the same function.
Difference = Literal["presence", "type", "location", "line", "contract"]


class ComparedRun(FrozenModel):
    """One of the two runs.

    Attributes:
        target: the target, as it was given.
        verdict: result of the run.
        exit_code: exit status of the run.
        summary: counts.
    """

    target: str
    verdict: Verdict
    exit_code: int
    summary: Summary


class SeverityChange(FrozenModel):
    """A finding of both runs whose severity differs.

    Attributes:
        before: severity in the earlier run.
        finding: the finding of the later run.
    """

    before: Severity
    finding: Finding


class UncheckedFinding(FrozenModel):
    """A finding of the earlier run that the later run cannot confirm: it is not known to be fixed.

    Attributes:
        finding: the finding of the earlier run.
        reason: why the later run has no result for it.
    """

    finding: Finding
    reason: str


class ComponentChange(FrozenModel):
    """A component that differs.

    Attributes:
        address: address of the component.
        differs: in what; `line`: another line of the same function.
        before: the component in the earlier run; null: it was neither set nor declared.
        after: the component in the later run; null: it was neither set nor declared.
    """

    address: str
    differs: tuple[Difference, ...]
    before: ComponentReport | None
    after: ComponentReport | None


class OrderChange(FrozenModel):
    """A component that is set at another position among those that both runs set.

    Attributes:
        address: address of the component.
        before: component that was set right before it in the earlier run; empty: it was the first.
        after: component that was set right before it in the later run; empty: it is the first.
    """

    address: str
    before: str
    after: str


class StageTime(FrozenModel):
    """How long a stage took in each run.

    Attributes:
        name: name of the stage.
        before_ms: in the earlier run; null: it was not reached.
        after_ms: in the later run; null: it was not reached.
        difference_ms: by how much it took longer; null: one of the times is unknown.
    """

    name: StageName
    before_ms: float | None
    after_ms: float | None
    difference_ms: float | None


class ReportDiff(FrozenModel):
    """The differences between two runs of a target.

    Attributes:
        name: the target's name, if several targets were compared.
        before: the earlier run.
        after: the later run.
        new: findings of the later run that the earlier one did not have.
        fixed: findings of the earlier run that the later one does not have.
        unchecked: findings of the earlier run that the later one could not check.
        known: findings that the baseline or the configuration of the later run suppresses, and that the earlier run
            did not have or did not suppress.
        known_before: findings of the later run that only the earlier one suppresses. They are not new.
        severities: findings of both runs whose severity differs.
        remaining: number of findings that both runs have, suppressed by both or by none.
        components_compared: whether both targets started; otherwise their components are not compared.
        components: components that were added, were removed, or differ.
        order: components that are set at another position.
        stages: how long each stage took.
        not_run: checks that could not run in the later run, and could in the earlier one.
        not_run_before: checks that could not run in the earlier run, and could in the later one.
    """

    name: str = ""
    before: ComparedRun
    after: ComparedRun
    new: tuple[Finding, ...] = ()
    fixed: tuple[Finding, ...] = ()
    unchecked: tuple[UncheckedFinding, ...] = ()
    known: tuple[Suppressed, ...] = ()
    known_before: tuple[Suppressed, ...] = ()
    severities: tuple[SeverityChange, ...] = ()
    remaining: int = 0
    components_compared: bool = True
    components: tuple[ComponentChange, ...] = ()
    order: tuple[OrderChange, ...] = ()
    stages: tuple[StageTime, ...] = ()
    not_run: tuple[NotRun, ...] = ()
    not_run_before: tuple[NotRun, ...] = ()
    #: For renderers: they draw the new findings as in the later report.
    after_report: Report = Field(exclude=True)
    before_report: Report = Field(exclude=True)

    @property
    def same_target(self) -> bool:
        """Whether both runs are of the same target, as it was given."""
        return self.before.target == self.after.target

    @property
    def differs(self) -> bool:
        """Whether anything but the times differs."""
        findings = (self.new, self.fixed, self.unchecked, self.known, self.known_before, self.severities)
        return any((*findings, self.components, self.order, self.not_run, self.not_run_before))

    def is_worse(self, level: FailLevel) -> bool:
        """Whether there are findings at or above a severity that the earlier run did not have at such a severity."""
        if level == "never":
            return False
        limit = Severity(level).rank
        raised = (change.finding.severity for change in self.severities if change.before.rank > limit)
        return any(severity.rank <= limit for severity in (*(finding.severity for finding in self.new), *raised))


class RunDiff(FrozenModel):
    """The differences between two runs of the command, by target.

    Attributes:
        reports: of the targets that both runs have.
        added: names of targets that only the later run has.
        removed: names of targets that only the earlier run has.
        errors: targets of the earlier run that could not be checked in the later one.
    """

    reports: tuple[ReportDiff, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    errors: tuple[TargetError, ...] = ()

    def exit_code(self, level: FailLevel) -> int:
        """1 if a target is worse (see `ReportDiff.is_worse`), or could not be checked any more; else 0."""
        worse = any(report.is_worse(level) for report in self.reports)
        return int(worse or (bool(self.errors) and level != "never"))
