"""From a judgement to a report: verdict, timeline, components, phases, counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Literal, NamedTuple

from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.judgement import Judgement
from netra_contracts.checks.engine.received_events import ReceivedEvents, percentile
from netra_contracts.checks.events.readiness import ReadinessCheckFailed, phase_of
from netra_contracts.contracts.fail_level import FailLevel
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.declare import Phase
from netra_contracts.model.recording import Recording
from netra_contracts.model.report import (
    ClientsReport,
    ComponentReport,
    IsolationReport,
    PhaseReport,
    Report,
    ScenarioReport,
    StageReport,
    StartupReport,
    Summary,
    TargetReport,
    TimelineEntry,
    Verdict,
)
from netra_contracts.protocol.isolation import IsolationResult
from netra_contracts.protocol.observation import MarkedPhase, StateEntry
from netra_contracts.protocol.stages import StageOutcome

_OUTPUT_LINES = 40
_LONGEST_LINE = 1000

Status = Literal["held", "broken", "blocked", "not_run", "unchecked"]


def build_report(
    recording: Recording,
    judgement: Judgement,
    *,
    fail_level: FailLevel,
    tool_version: str,
    resolved: tuple[str, ...] = (),
    contracts_from: tuple[str, ...] = (),
) -> Report:
    """Build the report that renderers draw.

    Args:
        recording: what was judged.
        judgement: what was found.
        fail_level: from which severity on findings fail the run.
        tool_version: of this tool.
        resolved: sentences on how the target was found.
        contracts_from: sentences on where the contracts came from.
    """
    statuses = _statuses(judgement)
    exit_code = _exit_code(judgement, fail_level)
    components = _components(judgement.context, statuses, judgement)
    return Report(
        tool_version=tool_version,
        verdict=_verdict(judgement.context, exit_code),
        exit_code=exit_code,
        target=TargetReport(info=recording.observation.target, resolved=resolved, contracts_from=contracts_from),
        startup=_startup(recording),
        timeline=_timeline(judgement.context),
        components=components,
        phases=_phases(judgement, statuses),
        isolation=tuple(_isolation(one) for one in recording.observation.isolation),
        clients=_clients(recording),
        findings=judgement.findings,
        blocked=judgement.blocked,
        not_run=judgement.not_run,
        summary=_summary(judgement, statuses, components),
        output=_output(recording, exit_code != 0 or not judgement.context.evidence.started),
    )


def _output(recording: Recording, wanted: bool) -> tuple[str, ...]:
    """The last lines that the target printed, each of bounded length."""
    if not wanted:
        return ()
    return tuple(
        line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}..."
        for line in recording.output[-_OUTPUT_LINES:]
    )


def _exit_code(judgement: Judgement, fail_level: FailLevel) -> int:
    """1 for findings at or above the fail level, and for a target that did not start, whichever codes are selected."""
    if fail_level == "never":
        return 0
    limit = Severity(fail_level).rank
    found = any(finding.severity.rank <= limit for finding in judgement.findings)
    return int(found or not judgement.context.evidence.started)


def _verdict(context: Context, exit_code: int) -> Verdict:
    if not context.evidence.started:
        return Verdict.NOT_STARTED
    return Verdict.FAILED if exit_code else Verdict.PASSED


def _statuses(judgement: Judgement) -> Mapping[str, Status]:
    """The status of each contract in scope, by component."""
    context = judgement.context
    checks = judgement.checks
    broken = {one.component for one in judgement.findings if one.code not in checks or checks[one.code].breaks_contract}
    known = [(one, checks[one.code]) for one in judgement.not_run if one.code in checks]
    unanswered = {one.component for one, check in known if one.component and check.required}
    check_failed = any(not one.component and not one.subject and check.family.judges_contracts for one, check in known)
    found: dict[str, Status] = {}
    for contract in context.contracts.in_scope:
        name = contract.component
        if name in context.blocking.blocked:
            found[name] = "blocked"
        elif name in broken:
            found[name] = "broken"
        elif name in unanswered or check_failed or context.statuses.of(name) not in ("present", "absent"):
            # The last: the code that reports this status was not selected.
            found[name] = "not_run"
        else:
            found[name] = "held"
    return found


def _startup(recording: Recording) -> StartupReport:
    stages = recording.observation.stages
    outcome: StageOutcome = "skipped"
    for stage in stages:
        if stage.name in ("import", "build", "startup"):
            outcome = stage.outcome
            if outcome not in ("ok", "unsupported"):
                break
    times = {stage.name: stage.ms for stage in stages if stage.outcome != "skipped"}
    return StartupReport(
        outcome=outcome,
        import_ms=times.get("import"),
        build_ms=times.get("build"),
        startup_ms=times.get("startup"),
        shutdown_ms=times.get("shutdown"),
        stages=tuple(
            StageReport(name=stage.name, start_ms=stage.start_ms, ms=stage.ms, outcome=stage.outcome)
            for stage in stages
        ),
    )


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


def _clients(recording: Recording) -> ClientsReport | None:
    clients, contract, served = recording.observation.clients, recording.events_contract, recording.observation.server
    if clients is None or contract is None:
        return None
    received = ReceivedEvents(contract, clients)
    times = [latency.ms for latency in received.latencies()]
    delivery = received.scenarios.get("delivery")
    last = max((event.ms for client in received.clients("delivery") for event in received.of(client)), default=0.0)
    return ClientsReport(
        server=served.server if served else "",
        users=len(delivery.clients) if delivery else 0,
        events=len(times),
        p50_ms=round(percentile(times, 0.5), 3) if times else None,
        p99_ms=round(percentile(times, 0.99), 3) if times else None,
        max_ms=round(max(times), 3) if times else None,
        events_per_s=round(len(times) / last * 1000, 1) if last else None,
        scenarios=tuple(
            ScenarioReport(
                name=scenario.name,
                clients=len(scenario.clients),
                events=sum(len(client.events) for client in scenario.clients),
                ms=scenario.ms,
                skipped=scenario.skipped,
            )
            for scenario in clients.scenarios
        ),
        skipped=clients.skipped,
    )


def _timeline(context: Context) -> tuple[TimelineEntry, ...]:
    """Spans of stages and marked phases, with the state changes; failed reads only if they ended a stage or a task."""
    observation = context.observation
    faulty = {failure.failed_read for stage in observation.stages for failure in stage.failures}
    faulty |= {task.failure.failed_read for task in observation.failed_tasks}
    entries = [
        TimelineEntry(kind="stage", name=stage.name, ms=stage.start_ms, span_ms=stage.ms)
        for stage in observation.stages
        if stage.outcome != "skipped"
    ]
    entries += [
        TimelineEntry(kind="phase", name=mark.phase, ms=mark.start_ms, span_ms=mark.ms, location=mark.location)
        for mark in observation.marked_phases
    ]
    entries += [
        TimelineEntry(
            kind=change.operation,
            name=change.component,
            ms=change.ms,
            type=change.type,
            is_none=change.is_none,
            location=change.location,
            compared=change.compared,
        )
        for change in observation.state_changes
        if change.operation != "read" or change.seq in faulty
    ]
    return tuple(sorted(entries, key=lambda entry: entry.ms))


def _components(context: Context, statuses: Mapping[str, Status], judgement: Judgement) -> tuple[ComponentReport, ...]:
    """Observed components in the order in which they were first set, then declared ones that were never set."""
    blocked = {entry.component: entry.by for entry in judgement.blocked}
    seen = [_seen(context, component, statuses, blocked) for component in context.observation.components]
    seen.sort(key=lambda component: (component.set_ms is None, component.set_ms or 0.0))
    present = {component.address for component in seen}
    absent = [
        _absent(contract, statuses, blocked)
        for contract in context.contracts.in_scope
        if contract.component not in present
    ]
    return (*seen, *absent)


def _seen(
    context: Context, component: StateEntry, statuses: Mapping[str, Status], blocked: Mapping[str, str]
) -> ComponentReport:
    address = component.address
    events = [event for event in context.evidence.changes.get(address, ()) if event.operation == "set"]
    contract = context.contracts.by_component.get(address)
    last = events[-1] if events else None
    return ComponentReport(
        address=address,
        type=component.type,
        is_none=component.is_none,
        phase=contract.phase if contract else None,
        status=statuses.get(address, "unchecked"),
        set_ms=events[0].ms if events else None,
        writes=len(events),
        location=last.location if last else None,
        declared=contract.type.text if contract and contract.type else "",
        blocked_by=blocked.get(address, ""),
    )


def _absent(contract: ComponentContract, statuses: Mapping[str, Status], blocked: Mapping[str, str]) -> ComponentReport:
    return ComponentReport(
        address=contract.component,
        type=None,
        present=False,
        phase=contract.phase,
        status=statuses[contract.component],
        declared=contract.type.text if contract.type else "",
        blocked_by=blocked.get(contract.component, ""),
    )


def _phases(judgement: Judgement, statuses: Mapping[str, Status]) -> tuple[PhaseReport, ...]:
    """The four phases; none if there are no contracts, phase checks or marks."""
    context = judgement.context
    contracts: dict[Phase, Counter[Status]] = {phase: Counter() for phase in Phase}
    for contract in context.contracts.in_scope:
        # Without a phase a contract must hold by the end of startup.
        contracts[contract.phase or Phase.READINESS][statuses[contract.component]] += 1
    runs = _check_runs(judgement)
    marks = context.recording.marked_phases
    if not (context.contracts.in_scope or runs or marks):
        return ()
    return tuple(
        _phase(phase, contracts[phase], runs.get(phase, _Runs()), marks.get(phase.value))
        for phase in Phase
        if context.until is None or phase <= context.until
    )


class _Runs(NamedTuple):
    """How many phase checks of one phase ran, failed and were not run."""

    ran: int = 0
    failed: int = 0
    not_run: int = 0


def _check_runs(judgement: Judgement) -> Mapping[Phase, _Runs]:
    code = ReadinessCheckFailed.code
    failed = {finding.subject for finding in judgement.findings if finding.code == code}
    not_run = {entry.subject for entry in judgement.not_run if entry.code == code}
    found: dict[Phase, _Runs] = {}
    for run in judgement.context.observation.phase_checks:
        phase = phase_of(run)
        if phase is not None:
            ran, failures, missed = found.get(phase, _Runs())
            left_out = run.name in not_run
            found[phase] = _Runs(ran + (not left_out), failures + (run.name in failed), missed + left_out)
    return found


def _phase(phase: Phase, counts: Counter[Status], runs: _Runs, mark: MarkedPhase | None) -> PhaseReport:
    total = counts.total()
    not_run = counts["not_run"] + runs.not_run
    status: Literal["passed", "failed", "blocked", "not_run", "empty"]
    if counts["broken"] or runs.failed or (mark is not None and mark.outcome == "failed"):
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
    )


def _summary(judgement: Judgement, statuses: Mapping[str, Status], components: tuple[ComponentReport, ...]) -> Summary:
    severities = Counter(finding.severity for finding in judgement.findings)
    counts = Counter(statuses.values())
    return Summary(
        errors=severities[Severity.ERROR],
        warnings=severities[Severity.WARNING],
        notes=severities[Severity.NOTE],
        contracts=len(statuses),
        held=counts["held"],
        broken=counts["broken"],
        blocked=counts["blocked"],
        not_run=len(judgement.not_run),
        components=sum(component.present for component in components),
    )
