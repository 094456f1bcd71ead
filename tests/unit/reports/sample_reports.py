"""Reports for the tests of all formats: one that passed, one with a finding, and strategies for arbitrary text."""

from __future__ import annotations

from hypothesis import strategies as st

from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked, Cause, Dependency, Finding, NotRun, SourceLine
from netra_contracts.model.impact import Impact
from netra_contracts.model.report import (
    ComponentReport,
    PhaseReport,
    Report,
    Summary,
    TargetReport,
    TimelineEntry,
    Verdict,
)
from netra_contracts.model.report_of_modules import ModuleObjectReport
from netra_contracts.model.report_of_startup import StageReport, StartupReport
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.failures import StackSnapshot
from netra_contracts.protocol.observed.observation import TargetInfo

CWD = "/home/ada/netra"
STARTUP = f"{CWD}/app/startup.py"

POOL = ComponentReport(
    address="websocket_connection_pool",
    type="app.ws:WebSocketConnectionPool",
    status="held",
    set_ms=330.5,
    writes=1,
    location=Location(STARTUP, 31, "lifespan"),
)
FACTORY = ComponentReport(
    address="execution_engine_factory",
    type="app.engine:ExecutionEngineFactory",
    status="broken",
    set_ms=332.0,
    writes=1,
    location=Location(STARTUP, 41, "lifespan"),
)
BRIDGE = ComponentReport(
    address="agent_websocket_bridge",
    type="app.bridge:AgentWebSocketBridge",
    status="held",
    set_ms=340.0,
    writes=1,
    location=Location(STARTUP, 57, "lifespan"),
)
NC303 = Finding(
    code="NC303",
    severity=Severity.ERROR,
    component="execution_engine_factory",
    subject="_websocket_bridge",
    phase=Phase.INTEGRATION,
    message="`execution_engine_factory._websocket_bridge` is None",
    location=Location(STARTUP, 41, "lifespan"),
    source=SourceLine(text="    app.state.factory = Factory(bridge)", start=24, end=39),
    causes=(
        Cause(message="it was built here", location=Location(STARTUP, 41, "lifespan"), ms=332.0),
        Cause(
            message="`agent_websocket_bridge` was first set 8 ms later",
            location=Location(STARTUP, 57, "lifespan"),
            ms=340.0,
            source=SourceLine(text="    app.state.bridge = Bridge()  # late", start=4, end=31),
        ),
    ),
    impact="Users stop seeing the agent's reasoning",
    hint="build the factory after the bridge",
)


def report(**fields: object) -> Report:
    """Return a report of a startup that succeeded, with some fields replaced."""
    values: dict[str, object] = {
        "tool_version": "1.2.3",
        "verdict": Verdict.PASSED,
        "exit_code": 0,
        "target": TargetReport(
            info=TargetInfo(
                spec="app.main:app", module="app.main", kind="application", framework="FastAPI", python="3.11.7"
            )
        ),
        "startup": StartupReport(
            outcome="ok",
            import_ms=310.0,
            startup_ms=40.0,
            took_ms=360.0,
            outside_stages_ms=0.0,
            stages=(
                StageReport(name="import", start_ms=10.0, ms=310.0, outcome="ok"),
                StageReport(name="startup", start_ms=320.0, ms=40.0, outcome="ok"),
            ),
        ),
    }
    return Report.model_validate({**values, **fields})


def failed() -> Report:
    """Return a report with one finding: the factory was created before the bridge that it holds."""
    return report(
        verdict=Verdict.FAILED,
        exit_code=1,
        components=(POOL, FACTORY, BRIDGE),
        phases=(
            PhaseReport(name=Phase.CONFIGURATION, status="passed", contracts=2, held=2),
            PhaseReport(name=Phase.INTEGRATION, status="failed", contracts=1, broken=1),
        ),
        timeline=(
            TimelineEntry(kind="stage", name="import", ms=10.0, span_ms=310.0),
            TimelineEntry(kind="stage", name="startup", ms=320.0, span_ms=40.0),
            TimelineEntry(kind="set", name=POOL.address, ms=330.0),
            TimelineEntry(kind="set", name=FACTORY.address, ms=340.0),
            TimelineEntry(kind="set", name=BRIDGE.address, ms=350.0),
        ),
        findings=(NC303,),
        summary=Summary(errors=1, contracts=3, held=2, broken=1, components=3),
    )


def with_impact() -> Report:
    """Return the same report as the engine makes it: with what users lose, and what fails the run."""
    impact = Impact(
        text=NC303.impact,
        severity=NC303.severity,
        phase=NC303.phase,
        components=(NC303.component,),
        codes=(NC303.code,),
    )
    return failed().model_copy(update={"impacts": (impact,), "failed_by": (NC303.code,)})


#: All of Unicode, lone surrogates included, and text that often breaks terminals and markup.
hostile_text = st.one_of(
    st.text(st.characters(), max_size=60),
    st.sampled_from(
        [
            "[bold]x[/bold]",
            "[/]",
            "\x1b[31mred\x1b[0m",
            "a\nb\r\nc",
            "\u202egnp.exe",
            "\udcff",
            "\x00\x07\x9b2J",
            "::error::no",
            "##[error]no",
            "\u4f60\u597d" * 40,
            "e\u0301\u0301" * 30,
            "\U0001f468\u200d\U0001f469\u200d\U0001f467\ufe0f",
            "x" * 500,
            "/".join(["folder"] * 60),
            "\t",
            "",
        ]
    ),
)
_ms = st.floats(0, 1e7)
_locations = st.none() | st.builds(Location, hostile_text, st.integers(1, 10**6), hostile_text)
_phases = st.none() | st.sampled_from(Phase)
_codes = st.sampled_from(["NC101", "NC201", "NC303", "NC601"])
_sources = st.none() | st.builds(SourceLine, text=hostile_text, start=st.integers(0, 80), end=st.integers(0, 600))
_traces = st.lists(_locations.filter(bool), max_size=4).map(tuple)
_causes = st.builds(
    Cause, message=hostile_text, location=_locations, ms=st.none() | _ms, source=_sources, trace=_traces
)
_stacks = st.builds(
    StackSnapshot,
    st.sampled_from(["task", "thread", "process"]),
    hostile_text,
    st.lists(st.builds(Location, hostile_text, st.integers(1, 99), hostile_text), max_size=4).map(tuple),
    st.booleans(),
)
_findings = st.builds(
    Finding,
    code=_codes,
    severity=st.sampled_from(Severity),
    message=hostile_text,
    component=hostile_text,
    subject=hostile_text,
    phase=_phases,
    location=_locations,
    source=_sources,
    calls=_traces,
    trace=_traces,
    causes=st.lists(_causes, max_size=3).map(tuple),
    impact=hostile_text,
    hint=hostile_text,
    docs=hostile_text,
    stacks=st.lists(_stacks, max_size=3).map(tuple),
    dependencies=st.lists(
        st.builds(Dependency, component=hostile_text, other=hostile_text, attribute=hostile_text), max_size=2
    ).map(tuple),
)
_components = st.builds(
    ComponentReport,
    address=hostile_text,
    type=st.none() | hostile_text,
    is_none=st.booleans(),
    present=st.booleans(),
    status=st.sampled_from(["held", "broken", "blocked", "not_run", "unchecked"]),
    set_ms=st.none() | _ms,
    location=_locations,
    declared=hostile_text,
    requires=st.lists(hostile_text, max_size=2).map(tuple),
    # What is declared is encoded as UTF-8 before it is in a report.
    wires=st.dictionaries(
        hostile_text.map(lambda text: text.encode(errors="replace").decode()), hostile_text, max_size=2
    ),
)
_module_objects = st.builds(
    ModuleObjectReport,
    address=hostile_text,
    type=st.none() | hostile_text,
    change=st.sampled_from(["created", "replaced", "filled", "none"]),
    stage=st.sampled_from([None, "import", "build", "startup"]),
    location=_locations,
)
_entries = st.builds(
    TimelineEntry,
    kind=st.sampled_from(["stage", "phase", "set", "delete", "read", "replace-state"]),
    name=hostile_text,
    ms=_ms,
    span_ms=st.none() | _ms,
    type=hostile_text,
    is_none=st.booleans(),
    compared=st.booleans(),
)


_impacts = st.builds(
    Impact,
    text=hostile_text,
    severity=st.sampled_from(Severity),
    phase=_phases,
    status=st.sampled_from(["broken", "blocked"]),
    components=st.lists(hostile_text, max_size=4).map(tuple),
    codes=st.lists(hostile_text, max_size=2).map(tuple),
)


@st.composite
def hostile_reports(draw: st.DrawFn) -> Report:
    """Reports in which every text that comes from the target is arbitrary."""
    independent = draw(st.lists(_findings, max_size=4))
    possible_causes = ["", "0" * 16, *(finding.fingerprint for finding in independent)]
    findings = [
        finding.model_copy(update={"caused_by": draw(st.sampled_from(possible_causes))}) for finding in independent
    ]
    target = TargetReport(
        info=TargetInfo(
            spec=draw(hostile_text),
            module="m",
            framework=draw(hostile_text),
            how=draw(hostile_text),
            python=draw(hostile_text),
        ),
        resolved=(draw(hostile_text),),
        contracts_from=(draw(hostile_text),),
    )
    return report(
        verdict=draw(st.sampled_from(Verdict)),
        target=target,
        findings=tuple(findings),
        components=tuple(draw(st.lists(_components, max_size=4))),
        module_objects=tuple(draw(st.lists(_module_objects, max_size=3))),
        more_module_objects=draw(st.integers(0, 3)),
        timeline=tuple(draw(st.lists(_entries, max_size=6))),
        blocked=tuple(
            draw(st.lists(st.builds(Blocked, component=hostile_text, by=hostile_text, reason=hostile_text), max_size=4))
        ),
        not_run=tuple(
            draw(st.lists(st.builds(NotRun, code=_codes, reason=hostile_text, component=hostile_text), max_size=3))
        ),
        impacts=tuple(draw(st.lists(_impacts, max_size=3))),
        output=tuple(draw(st.lists(hostile_text, max_size=3))),
        summary=Summary(errors=len(findings), contracts=draw(st.integers(0, 3)), components=1),
    )


def changed(before: Report) -> Report:
    """Return a report that differs from another: in half of its findings, and in each component, and in their order."""
    components = tuple(
        component.model_copy(update={"type": f"x.{component.type}", "is_none": False, "status": "broken"})
        for component in reversed(before.components)
    )
    return before.model_copy(update={"findings": before.findings[::2], "components": components, "not_run": ()})
