"""The six flows of ADR-001, each shown from the report on the unchanged reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from netra_contracts.checks.engine.family import Family
from netra_contracts.checks.events.family import EVENTS
from netra_contracts.checks.isolation.family import ISOLATION
from netra_contracts.model.report import Report
from netra_contracts.model.selftest import Flow

_BRIDGES, _ENGINES, _SUPERVISORS = "websocket_bridge_factory", "execution_engine_factory", "supervisor_factory"


class _Result(NamedTuple):
    """Whether a flow passed, and the evidence in words."""

    passed: bool
    evidence: str


def flows_of(report: Report) -> tuple[Flow, ...]:
    """Return the results of all six flows."""
    results = [(name, judge(report)) for name, judge in _FLOWS]
    return tuple(Flow(name=name, passed=result.passed, evidence=result.evidence) for name, result in results)


def _bridge_initialized(report: Report) -> _Result:
    return _contract_held(report, _BRIDGES, "was set by the end of its phase")


def _supervisor_has_bridge(report: Report) -> _Result:
    return _contract_held(report, _SUPERVISORS, f"holds the same `{_BRIDGES}` as the state")


def _engine_factory_has_bridge(report: Report) -> _Result:
    return _contract_held(report, _ENGINES, f"holds the same `{_BRIDGES}` as the state")


def _emitter_per_context(report: Report) -> _Result:
    problem = _first_problem(report, ISOLATION)
    engines = next((entry for entry in report.isolation if entry.component == _ENGINES and not entry.skipped), None)
    if problem or engines is None or engines.users < 2:
        return _Result(False, problem or "no engines were created for users")
    return _Result(
        True,
        f"{engines.users} contexts created {engines.users} engines with an emitter each; none of {engines.objects} "
        f"objects is shared; {engines.cycles} more engines were created and released",
    )


def _events_delivered(report: Report) -> _Result:
    problem = _first_problem(report, EVENTS)
    clients = report.clients
    if problem or clients is None or clients.skipped or not clients.events:
        return _Result(False, problem or (clients.skipped if clients else "") or "no events were received")
    return _Result(
        True, f"{clients.users} users received {clients.events} events in order, p99 {clients.p99_ms:.1f} ms"
    )


def _validated_during_startup(report: Report) -> _Result:
    failed = [phase.name.value for phase in report.phases if not phase.marked or phase.status != "passed"]
    if failed or not report.phases:
        return _Result(False, f"phases that are not marked or did not pass: {', '.join(failed) or 'all'}")
    contracts = sum(phase.held for phase in report.phases)
    return _Result(True, f"{contracts} contracts held at the ends of {len(report.phases)} marked phases")


def _contract_held(report: Report, component: str, evidence: str) -> _Result:
    status = next((entry.status for entry in report.components if entry.address == component), "not set")
    return _Result(status == "held", f"`{component}` {evidence}" if status == "held" else f"`{component}`: {status}")


def _first_problem(report: Report, family: Family) -> str:
    """Return the first finding of a family, else the first of its checks that was not run, else an empty string."""
    for finding in report.findings:
        if finding.code.startswith(family.prefix):
            return f"{finding.code} {finding.message}"
    skipped = [entry for entry in report.not_run if entry.code.startswith(family.prefix)]
    return f"{skipped[0].code} was not run: {skipped[0].reason}" if skipped else ""


_FLOWS: tuple[tuple[str, Callable[[Report], _Result]], ...] = (
    ("startup initialises the bridge", _bridge_initialized),
    ("the bridge reaches the supervisor factory", _supervisor_has_bridge),
    ("the engine factory holds the bridge", _engine_factory_has_bridge),
    ("a user context makes an emitter", _emitter_per_context),
    ("agent events flow end to end", _events_delivered),
    ("contracts are validated in startup", _validated_during_startup),
)
