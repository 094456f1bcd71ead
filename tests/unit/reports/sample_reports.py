"""Reports made by hand, from the world of ADR-001."""

from __future__ import annotations

from typing import Any

from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked, Cause, Finding, NotRun
from netra_contracts.model.report import (
    ComponentReport,
    PhaseReport,
    Report,
    StageReport,
    StartupReport,
    Summary,
    TargetReport,
    TimelineEntry,
    Verdict,
)
from netra_contracts.protocol.failures import StackSnapshot
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observation import TargetInfo
from netra_contracts.protocol.stages import StageOutcome

CWD = "/srv/shop"
TARGET = TargetInfo(
    spec="shop.main:create_app",
    module="shop.main",
    attr="create_app",
    kind="application factory",
    how="`create_app` takes no arguments and returned a FastAPI application",
    framework="FastAPI",
    framework_version="0.115.2",
    python="3.11.7",
    cwd=CWD,
)


def at(line: int, function: str = "start", file: str = "shop/startup.py") -> Location:
    """A line of the sample application."""
    return Location(f"{CWD}/{file}", line, function)


def startup(ms: float = 20.0, outcome: StageOutcome = "ok") -> StartupReport:
    """Import from 30 ms, startup from 150 ms, shutdown if it came to that."""
    stages = [
        StageReport(name="import", start_ms=30.0, ms=100.0, outcome="ok"),
        StageReport(name="startup", start_ms=150.0, ms=ms, outcome=outcome),
    ]
    if outcome == "ok":
        stages.append(StageReport(name="shutdown", start_ms=150.0 + ms, ms=5.0, outcome="ok"))
    return StartupReport(outcome=outcome, import_ms=100.0, startup_ms=ms, stages=tuple(stages))


def spans(report: StartupReport) -> tuple[TimelineEntry, ...]:
    """The timeline's entries for the stages of a startup."""
    return tuple(
        TimelineEntry(kind="stage", name=stage.name, ms=stage.start_ms, span_ms=stage.ms) for stage in report.stages
    )


def made(**fields: Any) -> Report:
    """A report that passed, with other fields as they are given."""
    life = fields.get("startup", startup())
    whole: dict[str, Any] = {
        "tool_version": "1.0",
        "verdict": Verdict.PASSED,
        "exit_code": 0,
        "target": TargetReport(info=TARGET),
        "startup": life,
        "timeline": spans(life),
        **fields,
    }
    return Report(**whole)


def wired_to_none() -> Report:
    """The bridge is set after the factory that should hold it: one root, one consequence, one blocked contract."""
    root = Finding(
        code="NC303",
        severity=Severity.ERROR,
        message="`execution_engine_factory._websocket_bridge` is None: it was built at startup.py:41, 12 ms in",
        component="execution_engine_factory",
        subject="_websocket_bridge",
        phase=Phase.INTEGRATION,
        location=at(41),
        causes=(
            Cause(message="`execution_engine_factory` was set here", location=at(41), ms=162.0),
            Cause(message="`agent_websocket_bridge` was first set here", location=at(57), ms=167.4),
        ),
        impact="Users stop seeing the agent's reasoning in real time",
        hint="build `execution_engine_factory` after `agent_websocket_bridge`",
    )
    following = Finding(
        code="NC601",
        severity=Severity.WARNING,
        message="the background task `consume` died: AttributeError: 'NoneType' object has no attribute 'emit_event'",
        caused_by=root.fingerprint,
    )
    life = startup()
    return made(
        verdict=Verdict.FAILED,
        exit_code=1,
        target=TargetReport(info=TARGET, contracts_from=(f"4 contracts from {CWD}/pyproject.toml",)),
        findings=(root, following),
        blocked=(
            Blocked(
                component="supervisor_factory",
                by="execution_engine_factory",
                reason="it stands on `execution_engine_factory`, which is broken",
                phase=Phase.READINESS,
            ),
        ),
        not_run=(
            NotRun(code="NC208", component="max_users", subject="pattern", reason="the value would have to leave"),
        ),
        components=(
            ComponentReport(
                address="websocket_connection_pool",
                type="shop.ws:WebSocketConnectionPool",
                status="held",
                set_ms=151.0,
                writes=1,
                location=at(33),
            ),
            ComponentReport(
                address="execution_engine_factory",
                type="shop.engine:ExecutionEngineFactory",
                status="broken",
                set_ms=162.0,
                writes=1,
                location=at(41),
            ),
            ComponentReport(
                address="agent_websocket_bridge",
                type="shop.bridge:AgentWebSocketBridge",
                status="held",
                set_ms=155.0,
                writes=2,
                location=at(57),
            ),
            ComponentReport(address="supervisor_factory", present=False, status="blocked"),
        ),
        phases=(
            PhaseReport(name=Phase.INITIALIZATION, status="passed", contracts=1, held=1, start_ms=150.0, ms=4.0),
            PhaseReport(name=Phase.CONFIGURATION, status="passed", contracts=1, held=1),
            PhaseReport(name=Phase.INTEGRATION, status="failed", contracts=1, broken=1),
            PhaseReport(name=Phase.READINESS, status="blocked", contracts=1, blocked=1),
        ),
        timeline=(
            *spans(life),
            TimelineEntry(kind="phase", name="initialization", ms=150.0, span_ms=4.0),
            TimelineEntry(kind="set", name="websocket_connection_pool", ms=151.0),
            TimelineEntry(kind="set", name="agent_websocket_bridge", ms=155.0, is_none=True),
            TimelineEntry(kind="set", name="execution_engine_factory", ms=162.0),
            TimelineEntry(kind="set", name="agent_websocket_bridge", ms=167.4),
        ),
        summary=Summary(errors=1, warnings=1, contracts=4, held=2, broken=1, blocked=1, not_run=1, components=3),
    )


def hangs() -> Report:
    """A startup that did not end, with what it printed and where it stood."""
    library = Location("/usr/lib/python3.11/asyncio/locks.py", 213, "Event.wait")
    return made(
        verdict=Verdict.NOT_STARTED,
        exit_code=1,
        target=TargetReport(info=TARGET, resolved=("target `shop.main:create_app`, as it was named",)),
        startup=startup(5000.0, "timeout"),
        findings=(
            Finding(
                code="NC106",
                severity=Severity.ERROR,
                message="startup did not end within 5 s",
                location=at(14, "Broker.handshake"),
                hint="put a deadline on what it waits for, or allow more time with `--startup-timeout`",
                stacks=(
                    StackSnapshot("task", "lifespan", (library, at(14, "Broker.handshake"))),
                    *(StackSnapshot("thread", f"worker-{number}", (at(70, "poll"),)) for number in range(9)),
                ),
            ),
        ),
        blocked=(Blocked(component="pool", by="startup", reason="startup ended before it was set"),),
        summary=Summary(errors=1, contracts=1, blocked=1),
        output=tuple(f"line {number}" for number in range(60)),
    )
