"""From a judgement to a report: verdict, timeline, components, phases, counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from netra_contracts.checks.contract_lint import StaleEntry
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.judgement import Judgement
from netra_contracts.checks.engine.report_parts.clients import clients_report
from netra_contracts.checks.engine.report_parts.impacts import impacts
from netra_contracts.checks.engine.report_parts.known import Known, age_of_oldest
from netra_contracts.checks.engine.report_parts.module_objects import module_objects
from netra_contracts.checks.engine.report_parts.startup import startup
from netra_contracts.checks.engine.report_parts.timeline import timeline
from netra_contracts.checks.engine.report_parts.usage import with_usage
from netra_contracts.checks.engine.statuses.contract_status import ContractStatus
from netra_contracts.checks.events.readiness import ReadinessCheckFailed, phase_of
from netra_contracts.contracts.fail_level import FailLevel, fails_run
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked
from netra_contracts.model.recording import Recording
from netra_contracts.model.report import (
    NOT_RUN,
    ComponentReport,
    IsolationReport,
    PhaseReport,
    Report,
    Summary,
    TargetReport,
    Verdict,
)
from netra_contracts.protocol.observed.app_states import StateEntry
from netra_contracts.protocol.observed.isolation import IsolationResult
from netra_contracts.protocol.observed.observation import MarkedPhase

_OUTPUT_LINES = 40
_LONGEST_LINE = 1000


def build_report(
    recording: Recording,
    judgement: Judgement,
    *,
    fail_level: FailLevel,
    fail_levels: Mapping[str, FailLevel] = MappingProxyType({}),
    strict: bool = False,
    today: date | None = None,
    tool_version: str,
    resolved: tuple[str, ...] = (),
    contracts_from: tuple[str, ...] = (),
) -> Report:
    """Build the report that renderers draw.

    Args:
        recording: what was judged.
        judgement: what was found.
        fail_level: from which severity on findings fail the run.
        fail_levels: the same for single codes, or for the beginnings of codes.
        strict: whether what a contract asks for and could not be done fails the run.
        today: the day of the run; None: nothing can be suppressed.
        tool_version: of this tool.
        resolved: sentences on how the target was found.
        contracts_from: sentences on where the contracts came from.
    """
    failed_by = _failed_by(judgement, fail_level, fail_levels, strict=strict)
    exit_code = int(bool(failed_by))
    known = Known(judgement)
    components = _components(judgement, known)
    return Report(
        tool_version=tool_version,
        verdict=_verdict(judgement.context, exit_code),
        exit_code=exit_code,
        target=TargetReport(info=recording.observation.target, resolved=resolved, contracts_from=contracts_from),
        startup=startup(recording.observation),
        timeline=timeline(recording.observation),
        components=components,
        phases=_phases(judgement, known),
        isolation=tuple(_isolation(one) for one in recording.observation.isolation),
        clients=clients_report(recording),
        findings=judgement.findings,
        blocked=tuple(_blocked(judgement, known)),
        not_run=judgement.not_run,
        impacts=impacts(
            judgement.findings, (entry for entry in judgement.blocked if entry.component not in known.contracts)
        ),
        summary=_summary(judgement, components, known).model_copy(update=_counts_of_known(judgement, today)),
        failed_by=failed_by,
        fail_level=fail_level,
        fail_levels=dict(fail_levels),
        strict=strict,
        output=_output(recording, exit_code != 0 or not judgement.context.evidence.started),
        suppressed=judgement.suppressed,
        stale=judgement.stale,
        module_objects=module_objects(recording.observation),
        more_module_objects=recording.observation.more_module_objects,
    )


def _output(recording: Recording, wanted: bool) -> tuple[str, ...]:
    """The last lines that the target printed, each of bounded length."""
    if not wanted:
        return ()
    return tuple(
        line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}..."
        for line in recording.output[-_OUTPUT_LINES:]
    )


def _failed_by(
    judgement: Judgement, fail_level: FailLevel, fail_levels: Mapping[str, FailLevel], *, strict: bool
) -> tuple[str, ...]:
    """What fails the run: codes of findings at or above the fail level, an unfinished stage, and what was not run.

    With the level `never`, only findings of codes with a level of their own do.
    """
    failing = [
        finding for finding in judgement.findings if fails_run(finding.code, finding.severity, fail_level, fail_levels)
    ]
    roots = [finding for finding in failing if not finding.caused_by] or failing
    codes = tuple(dict.fromkeys(finding.code for finding in roots))
    if fail_level == "never":
        return codes
    stage = judgement.context.evidence.unfinished_stage
    return (
        *codes,
        *([stage.name] if stage is not None else []),
        *([NOT_RUN] if strict and any(entry.required for entry in judgement.not_run) else []),
    )


def _verdict(context: Context, exit_code: int) -> Verdict:
    if not context.evidence.started:
        return Verdict.NOT_STARTED
    return Verdict.FAILED if exit_code else Verdict.PASSED


def _isolation(seen: IsolationResult) -> IsolationReport:
    return IsolationReport(
        component=seen.component,
        type=seen.type,
        users=seen.users,
        objects=seen.objects,
        cycles=seen.retention.cycles if seen.retention else 0,
        ms=seen.ms,
        skipped=seen.skipped,
    )


def _blocked(judgement: Judgement, known: Known) -> Iterator[Blocked]:
    """The contracts that are blocked; the reason says so if a known finding is why."""
    for entry in judgement.blocked:
        is_known = entry.component in known.contracts
        yield entry.model_copy(update={"reason": f"{entry.reason} (known)"}) if is_known else entry


def _components(judgement: Judgement, known: Known) -> tuple[ComponentReport, ...]:
    """Observed components in the order in which they were first set, then declared ones that were never set."""
    context = judgement.context
    seen = [_seen(context, component) for component in context.observation.components]
    seen.sort(key=lambda component: (component.set_ms is None, component.set_ms or 0.0))
    present = {component.address for component in seen}
    absent = [
        ComponentReport(address=contract.component, present=False)
        for contract in context.contracts.in_scope
        if contract.component not in present
    ]
    blocked = {entry.component: entry.by for entry in judgement.blocked}
    return with_usage(
        context.recording,
        tuple(
            component if contract is None else _with_contract(component, contract, judgement.statuses, blocked, known)
            for component in (*seen, *absent)
            for contract in (context.contracts.by_component.get(component.address),)
        ),
    )


def _seen(context: Context, component: StateEntry) -> ComponentReport:
    events = [event for event in context.evidence.changes.get(component.address, ()) if event.operation == "set"]
    call = context.evidence.provider_calls.get(component.address)
    return ComponentReport(
        address=component.address,
        type=component.type,
        is_none=component.is_none,
        set_ms=events[0].ms if events else None,
        writes=len(events),
        location=events[-1].location if events else None,
        created_by_call=call.created if call is not None else None,
        varies=call.varies if call is not None else None,
    )


def _with_contract(
    component: ComponentReport,
    contract: ComponentContract,
    statuses: Mapping[str, ContractStatus],
    blocked: Mapping[str, str],
    known: Known,
) -> ComponentReport:
    declared = {
        "phase": contract.phase,
        "status": statuses.get(component.address, "unchecked"),
        "declared": contract.type.text if contract.type else "",
        "blocked_by": blocked.get(component.address, ""),
        "presence_only": contract.is_presence_only,
        "impact": contract.impact,
        "requires": contract.requires,
        "wires": contract.wires,
        "same_as": contract.same_as,
        "declared_at": contract.origin.location,
        "known": component.address in known.contracts,
    }
    return component.model_copy(update=declared)


def _phases(judgement: Judgement, known: Known) -> tuple[PhaseReport, ...]:
    """The four phases; none if there are no contracts, phase checks or marks."""
    context = judgement.context
    contracts: dict[Phase, Counter[ContractStatus]] = {phase: Counter() for phase in Phase}
    accepted: dict[Phase, Counter[ContractStatus]] = {phase: Counter() for phase in Phase}
    for contract in context.contracts.in_scope:
        # Without a phase a contract must hold by the end of startup, or of the last phase that is judged.
        phase = contract.phase or context.until or Phase.READINESS
        status = judgement.statuses[contract.component]
        contracts[phase][status] += 1
        accepted[phase][status] += contract.component in known.contracts
    runs = _check_runs(judgement)
    marks = context.recording.marked_phases
    if not (context.contracts.in_scope or runs or marks):
        return ()
    return tuple(
        _phase(phase, contracts[phase], accepted[phase], runs.get(phase, _Runs()), marks.get(phase.value))
        for phase in Phase
        if context.until is None or phase <= context.until
    )


class _Runs(NamedTuple):
    """How many phase checks of one phase ran and were not run, and how many findings name the phase alone.

    `known` are those of these findings that are suppressed.
    """

    ran: int = 0
    failed: int = 0
    not_run: int = 0
    known: int = 0


def _check_runs(judgement: Judgement) -> Mapping[Phase, _Runs]:
    not_run = {entry.subject for entry in judgement.not_run if entry.code == ReadinessCheckFailed.code}
    found: dict[Phase, _Runs] = {}
    for run in judgement.context.observation.phase_checks:
        phase = phase_of(run)
        if phase is not None:
            runs = found.get(phase, _Runs())
            left_out = run.name in not_run
            found[phase] = runs._replace(ran=runs.ran + (not left_out), not_run=runs.not_run + left_out)
    findings = [(finding, 0) for finding in judgement.findings]
    findings += [(entry.finding, 1) for entry in judgement.suppressed]
    for finding, suppressed in findings:
        if finding.phase is not None and not finding.component:
            runs = found.get(finding.phase, _Runs())
            found[finding.phase] = runs._replace(failed=runs.failed + 1, known=runs.known + suppressed)
    return found


def _phase(
    phase: Phase,
    counts: Counter[ContractStatus],
    accepted: Counter[ContractStatus],
    runs: _Runs,
    mark: MarkedPhase | None,
) -> PhaseReport:
    total = counts.total()
    not_run = counts["not_run"] + runs.not_run
    status: Literal["passed", "failed", "blocked", "not_run", "empty"]
    mark_failed = mark is not None and mark.outcome == "failed"
    if counts["broken"] or runs.failed or mark_failed:
        status = "failed"
    elif counts["blocked"]:
        status = "blocked"
    elif not_run:
        status = "not_run"
    else:
        status = "passed" if total or runs.ran or mark else "empty"
    return PhaseReport(
        name=phase,
        status=status,
        contracts=total,
        held=counts["held"],
        broken=counts["broken"],
        blocked=counts["blocked"],
        not_run=not_run,
        checks=runs.ran,
        marked=mark is not None,
        start_ms=mark.start_ms if mark else None,
        ms=mark.ms if mark else None,
        busy_ms=mark.busy_ms if mark else None,
        known=not mark_failed and _is_known(status, counts, accepted, runs),
        known_broken=accepted["broken"],
    )


def _is_known(status: str, counts: Counter[ContractStatus], accepted: Counter[ContractStatus], runs: _Runs) -> bool:
    """Whether nothing but suppressed findings gives a phase its status."""
    if status == "failed":
        return (counts["broken"], runs.failed) == (accepted["broken"], runs.known)
    return status == "blocked" and counts["blocked"] == accepted["blocked"]


def _counts_of_known(judgement: Judgement, today: date | None) -> dict[str, Any]:
    """The fields of the summary that count findings by whether they are suppressed."""
    if today is None:
        return {}
    return {
        "known": len(judgement.suppressed),
        "oldest_known_days": age_of_oldest(judgement.suppressed, today),
        "fixed": sum(entry.unmatched for entry in judgement.stale),
        "new": sum(finding.code != StaleEntry.code for finding in judgement.findings),
    }


def _summary(judgement: Judgement, components: tuple[ComponentReport, ...], known: Known) -> Summary:
    severities = Counter(finding.severity for finding in judgement.findings)
    counts = Counter(judgement.statuses.values())
    contracts = judgement.context.contracts
    return Summary(
        errors=severities[Severity.ERROR],
        warnings=severities[Severity.WARNING],
        notes=severities[Severity.NOTE],
        contracts=counts.total(),
        held=counts["held"],
        broken=counts["broken"],
        blocked=counts["blocked"],
        contracts_not_run=counts["not_run"],
        later_contracts=len(contracts.by_component) - len(contracts.in_scope),
        not_run=len(judgement.not_run),
        required_not_run=sum(entry.required for entry in judgement.not_run),
        components=sum(component.present for component in components),
        known_broken=len(known.broken_contracts),
    )
