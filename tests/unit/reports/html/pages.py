"""Runs that the tests of the HTML format draw, and the page as a tree."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree as ET

from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked, Cause, Dependency, Finding, NotRun, SourceLine
from netra_contracts.model.impact import Impact
from netra_contracts.model.report import IsolationReport, Report, Summary, TimelineEntry, Verdict
from netra_contracts.model.report_of_clients import ClientsReport, LatencyBucket, ScenarioReport
from netra_contracts.model.report_of_startup import StageReport, StartupReport
from netra_contracts.model.rule_text import RuleText
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.model.suppression import Suppressed
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.failures import StackSnapshot
from netra_contracts.reports import RENDERERS, RenderOptions
from netra_contracts.reports.html.head import asset, style_sheet
from tests.unit.reports import sample_reports

RULE = RuleText(
    name="wired-to-another-object",
    summary="Reports an attribute that is not the object of the state.",
    text="",
    markdown="## What it does\n\nReports an attribute.\nIt is `None`.\n\n## Example\n\n```python\nx = '<b>'\n```\n",
    severity="error",
)
OPTIONS = RenderOptions(cwd=sample_reports.CWD, rules={"NC303": RULE, "NC999": RULE})

ROOT = sample_reports.NC303.model_copy(
    update={
        "dependencies": (
            Dependency(
                component="execution_engine_factory", other="agent_websocket_bridge", attribute="_websocket_bridge"
            ),
        )
    }
)
FACTORY = sample_reports.FACTORY.model_copy(
    update={
        "requires": ("websocket_connection_pool",),
        "wires": {"_websocket_bridge": "agent_websocket_bridge"},
        "phase": Phase.INTEGRATION,
    }
)
IMPACTS = (
    Impact(
        text="Users stop seeing the agent's reasoning",
        severity=Severity.ERROR,
        components=("execution_engine_factory",),
        codes=("NC303", "NC504"),
    ),
    Impact(text="Nobody can chat", severity=Severity.WARNING, status="blocked", components=("chat", "history")),
)

TIMELINE = (
    TimelineEntry(kind="stage", name="import", ms=10.0, span_ms=310.0, busy_ms=300.0),
    TimelineEntry(kind="stage", name="startup", ms=320.0, span_ms=40.0, busy_ms=10.0),
    TimelineEntry(kind="phase", name="configuration", ms=321.0, span_ms=20.0, busy_ms=5.0),
    TimelineEntry(kind="set", name="pool", ms=330.0, since_ms=10.0, busy_ms=2.0),
    TimelineEntry(kind="set", name="bridge", ms=330.1, since_ms=0.1, busy_ms=0.1, is_none=True),
    TimelineEntry(kind="set", name="bridge", ms=340.0, since_ms=9.9, busy_ms=0.2),
    TimelineEntry(kind="read", name="cache", ms=350.0, since_ms=10.0, busy_ms=9.0),
    TimelineEntry(kind="delete", name="pool", ms=351.0, since_ms=1.0, busy_ms=1.0),
)

CONSEQUENCE = Finding(
    code="NC504",
    severity=Severity.ERROR,
    component="execution_engine_factory",
    message="2 users did not receive `agent_thinking` within 10 s",
    caused_by=sample_reports.NC303.fingerprint,
)
WARNING = Finding(
    code="NC604",
    severity=Severity.WARNING,
    message="the event loop was blocked for 2.1 s during startup",
    location=Location(sample_reports.STARTUP, 12, "lifespan"),
    causes=(
        Cause(
            message="`requests.get` was called",
            location=Location(f"{sample_reports.CWD}/app/models.py", 8, "download"),
            source=SourceLine(text="\trequests.get(URL)", start=1, end=18),
            trace=(
                Location(sample_reports.STARTUP, 12),
                Location("/venv/lib/python3.11/site-packages/requests/api.py", 5),
            ),
        ),
    ),
    calls=(
        Location(sample_reports.STARTUP, 12, "lifespan"),
        Location(f"{sample_reports.CWD}/app/models.py", 8, "download"),
    ),
    stacks=(StackSnapshot("thread", "MainThread", (Location(sample_reports.STARTUP, 12, "lifespan"),), main=True),),
    docs="https://wiki.example.org/startup",
)
NOTE = Finding(code="NC202", severity=Severity.NOTE, component="tracer", message="`tracer` is None")
CLIENTS = ClientsReport(
    server="uvicorn 0.30",
    users=8,
    events=400,
    p50_ms=1.2,
    p90_ms=3.0,
    p99_ms=9.0,
    max_ms=14.0,
    events_per_s=2100.0,
    latencies=(
        LatencyBucket(up_to_ms=1.0, events=120),
        LatencyBucket(up_to_ms=10.0, events=270),
        LatencyBucket(up_to_ms=None, events=10),
    ),
    scenarios=(
        ScenarioReport(name="delivery", clients=8, events=400, ms=180.0),
        ScenarioReport(name="burst", skipped="startup failed"),
    ),
)


def full() -> Report:
    """A report with every section."""
    return sample_reports.failed().model_copy(
        update={
            "findings": (NOTE, WARNING, ROOT, CONSEQUENCE),
            "impacts": IMPACTS,
            "timeline": TIMELINE,
            "components": (sample_reports.POOL, FACTORY, sample_reports.BRIDGE),
            "blocked": (
                Blocked(
                    component="chat",
                    by="execution_engine_factory",
                    reason="it requires it",
                    finding=sample_reports.NC303.fingerprint,
                ),
                Blocked(component="audit", by="live", reason="the stage failed"),
            ),
            "not_run": (
                NotRun(code="NC402", reason="no uvicorn is installed", component="chat", required=True),
                NotRun(code="NC503", reason="no uvicorn is installed", component="chat"),
            ),
            "suppressed": (
                Suppressed(
                    finding=WARNING.model_copy(
                        update={"message": "the event loop was blocked for 1 s", "component": "old"}
                    ),
                    source="baseline",
                    reason="moved to a thread in the next release",
                    until=date(2027, 3, 1),
                    added=date(2026, 11, 2),
                ),
            ),
            "isolation": (
                IsolationReport(
                    component="execution_engine_factory",
                    type="app.engine:Engine",
                    users=3,
                    objects=412,
                    cycles=20,
                    ms=31.0,
                ),
                IsolationReport(component="chat", skipped="it is blocked"),
            ),
            "clients": CLIENTS,
            "failed_by": ("NC303", "NC504", "not run"),
            "summary": Summary(
                errors=2,
                warnings=1,
                notes=1,
                contracts=5,
                held=2,
                broken=1,
                blocked=2,
                not_run=2,
                required_not_run=1,
                known=1,
                oldest_known_days=28,
                fixed=0,
                new=4,
            ),
            "output": ("starting\x1b[31m", "</pre><script>alert(1)</script>"),
        }
    )


def not_started() -> Report:
    """A report of a target whose import failed."""
    failure = Finding(
        code="NC102",
        severity=Severity.ERROR,
        message="import of `app.main` failed: ModuleNotFoundError: No module named 'redis'",
        location=Location(f"{sample_reports.CWD}/app/main.py", 3),
        source=SourceLine(text="import redis", start=0, end=12),
        hint="install `redis` in the target's environment",
    )
    stages = (StageReport(name="import", start_ms=10.0, ms=40.0, outcome="failed"),)
    return sample_reports.report(
        verdict=Verdict.NOT_STARTED,
        exit_code=1,
        findings=(failure,),
        failed_by=("NC102",),
        summary=Summary(errors=1),
        startup=StartupReport(outcome="skipped", import_ms=40.0, took_ms=55.0, stages=stages),
        output=("Traceback (most recent call last):", "ModuleNotFoundError: No module named 'redis'"),
    )


def several() -> RunReport:
    """A run of four targets: one failed, one did not start, one passed, and one has no report."""
    return RunReport(
        several=True,
        reports=(
            NamedReport(name="chat", report=full()),
            NamedReport(name="billing", report=not_started()),
            NamedReport(name="search", report=sample_reports.report()),
        ),
        errors=(TargetError(name="mail", exit_code=2, problems=("mail.toml is not valid TOML: line 3",)),),
    )


def many(count: int) -> Report:
    """A report with this number of findings, of four codes and all severities."""
    severities = (Severity.ERROR, Severity.WARNING, Severity.WARNING, Severity.NOTE)
    kinds = [sample_reports.NC303, WARNING, NOTE]
    findings = tuple(
        kinds[number % 3].model_copy(
            update={
                "component": f"component_{number}",
                "severity": severities[number % 4],
                "message": f"`component_{number}` is None: {kinds[number % 3].message}",
            }
        )
        for number in range(count)
    )
    return sample_reports.failed().model_copy(update={"findings": findings, "summary": Summary(errors=count)})


def draw(run: RunReport | Report) -> str:
    """The page of a run."""
    return RENDERERS["html"](run if isinstance(run, RunReport) else RunReport.of(run), OPTIONS)


def tree(page: str) -> ET.Element:
    """The page as XML, without its style and its script."""
    text = page.replace(style_sheet(), "").replace(asset("page.js"), "")
    return ET.fromstring(text)  # noqa: S314 - a page has no entities of its own


def text_of(element: ET.Element) -> str:
    """The text of an element."""
    return "".join(element.itertext())


def by_class(root: ET.Element, name: str) -> list[ET.Element]:
    """The elements of a class."""
    return [one for one in root.iter() if name in (one.get("class") or "").split()]


def long_names() -> Report:
    """A report whose names have no place to break at."""
    name = "x" * 400
    path = f"{sample_reports.CWD}/{'folder/' * 40}{name}.py"
    cause = Cause(
        message=name, location=Location(path, 1_000_000, name), source=SourceLine(text=name, start=0, end=400)
    )
    finding = sample_reports.NC303.model_copy(
        update={
            "message": f"`{name}` is None",
            "component": name,
            "causes": (cause,),
            "location": cause.location,
            "hint": name,
        }
    )
    component = sample_reports.FACTORY.model_copy(update={"address": name, "type": name, "location": cause.location})
    changes = {"findings": (finding, NOTE), "components": (component,), "output": (name,)}
    return full().model_copy(update=changes)
