"""The six flows of ADR-001, shown from the report on the whole reference."""

from __future__ import annotations

from collections.abc import Callable

from netra_contracts.checks.engine.family import Family
from netra_contracts.checks.events.family import EVENTS
from netra_contracts.checks.isolation.family import ISOLATION
from netra_contracts.model.report import Report
from netra_contracts.selftest.result import Flow

_BRIDGES, _ENGINES, _SUPERVISORS = "websocket_bridge_factory", "execution_engine_factory", "supervisor_factory"

#: Whether a flow flows, and a sentence on it.
Shown = tuple[bool, str]


def flows_of(report: Report) -> tuple[Flow, ...]:
    """All six, by name."""
    return tuple(
        Flow(name=name, passed=shown[0], evidence=shown[1]) for name, show in _FLOWS for shown in [show(report)]
    )


def _initialised(report: Report) -> Shown:
    return _held(report, _BRIDGES, "was set by the end of its phase")


def _reaches_supervisor(report: Report) -> Shown:
    return _held(report, _SUPERVISORS, f"holds the very `{_BRIDGES}` of the state")


def _engine_factory_holds_it(report: Report) -> Shown:
    return _held(report, _ENGINES, f"holds the very `{_BRIDGES}` of the state")


def _context_makes_emitter(report: Report) -> Shown:
    found = _against(report, ISOLATION)
    made = next((one for one in report.isolation if one.component == _ENGINES and not one.skipped), None)
    if found or made is None or made.users < 2:
        return False, found or "no engines were made for users"
    told = f"{made.users} contexts made {made.users} engines, each with an emitter of its own: {made.objects} objects"
    return True, f"{told}, none shared; {made.cycles} more came and went"


def _events_flow(report: Report) -> Shown:
    found = _against(report, EVENTS)
    live = report.clients
    if found or live is None or live.skipped or not live.events:
        return False, found or (live.skipped if live else "") or "no events came"
    return True, f"{live.users} users got {live.events} events in order, p99 {live.p99_ms:.1f} ms"


def _validated_in_startup(report: Report) -> Shown:
    unmarked = [phase.name.value for phase in report.phases if not phase.marked or phase.status != "passed"]
    if unmarked or not report.phases:
        return False, f"not judged at their own ends, or not passed: {', '.join(unmarked)}"
    contracts = sum(phase.held for phase in report.phases)
    return True, f"{contracts} contracts held at the ends of {len(report.phases)} marked phases"


def _held(report: Report, component: str, evidence: str) -> Shown:
    status = next((one.status for one in report.components if one.address == component), "not set")
    return status == "held", f"`{component}` {evidence}" if status == "held" else f"`{component}`: {status}"


def _against(report: Report, family: Family) -> str:
    """The first finding of a family, or the first of its checks that was not run; "" if there is neither."""
    for finding in report.findings:
        if finding.code.startswith(family.prefix):
            return f"{finding.code} {finding.message}"
    return next(
        (f"{one.code} was not run: {one.reason}" for one in report.not_run if one.code.startswith(family.prefix)), ""
    )


_FLOWS: tuple[tuple[str, Callable[[Report], Shown]], ...] = (
    ("startup initialises the bridge", _initialised),
    ("the bridge reaches the supervisor factory", _reaches_supervisor),
    ("the engine factory holds the bridge", _engine_factory_holds_it),
    ("a user context makes an emitter", _context_makes_emitter),
    ("agent events flow end to end", _events_flow),
    ("contracts are validated in startup", _validated_in_startup),
)
