"""Plain text for coding agents."""

from __future__ import annotations

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Blocked, Finding, NotRun
from netra_contracts.model.report import Report
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RENDERERS, RenderOptions
from tests.unit.reports import sample_reports


def drawn(run: RunReport | Report, *, unicode: bool = True) -> str:
    run = run if isinstance(run, RunReport) else RunReport.of(run)
    return RENDERERS["agent"](run, RenderOptions(cwd=sample_reports.CWD, unicode=unicode))


def test_findings_are_grouped_by_file_with_help_and_the_commands_to_run() -> None:
    assert drawn(sample_reports.with_impact()) == (
        "FAILED  app.main:app: 1 error; 3 contracts: 2 held and 1 broken; took 360 ms\n"
        "\n"
        "app/startup.py\n"
        "  line 41: error NC303 (execution_engine_factory, integration phase)\n"
        "    `execution_engine_factory._websocket_bridge` is None\n"
        "    source: app.state.factory = Factory(bridge)\n"
        "    why: it was built here\n"
        "    why: `agent_websocket_bridge` was first set 8 ms later (app/startup.py:57)\n"
        "    help: build the factory after the bridge\n"
        "\n"
        "What users lose:\n"
        "  error: Users stop seeing the agent's reasoning\n"
        "\n"
        "To reproduce: netra-contracts check app.main:app\n"
        "About NC303: netra-contracts explain NC303\n"
    )


def test_file_with_the_most_severe_finding_is_first_and_lines_are_in_order() -> None:
    findings = [
        Finding(code="NC201", severity=severity, message="m", component=file, location=Location(f"/srv/{file}", line))
        for file, line, severity in (
            ("a.py", 1, Severity.NOTE),
            ("b.py", 9, Severity.ERROR),
            ("b.py", 2, Severity.NOTE),
        )
    ]
    lines = drawn(sample_reports.report(findings=tuple(findings))).splitlines()
    assert [line.strip().split(":")[0] for line in lines if line.startswith(("/srv", "  line"))] == [
        "/srv/b.py",
        "line 2",
        "line 9",
        "/srv/a.py",
        "line 1",
    ]


def test_blocked_and_not_run_are_listed_with_reasons() -> None:
    text = drawn(
        sample_reports.report(
            blocked=(Blocked(component="bridge", by="startup", reason="startup failed"),),
            not_run=(NotRun(code="NC401", component="pool", reason="no uvicorn", required=True),),
        )
    )
    assert "Blocked:\n  bridge: startup failed\n" in text
    assert "Not run:\n  NC401 pool: no uvicorn\n" in text


def test_one_of_several_targets_is_reproduced_by_its_name() -> None:
    error = TargetError(name="jobs", exit_code=2, problems=("there is nothing to check here",))
    named = NamedReport(name="my api", report=sample_reports.failed())
    text = drawn(RunReport(reports=(named,), errors=(error,), several=True))
    assert "To reproduce: netra-contracts check 'my api'\n" in text
    assert text.endswith("NOT CHECKED jobs\n  there is nothing to check here\n")


def test_report_is_bounded_and_counts_the_findings_left_out() -> None:
    findings = tuple(
        Finding(code="NC201", severity=Severity.ERROR, message="m", component=f"c{n}") for n in range(10_000)
    )
    text = drawn(sample_reports.report(findings=findings))
    assert "and 9,920 more findings; --format json has all" in text
    assert len(text.splitlines()) < 200


def test_text_is_ascii_where_the_output_is() -> None:
    finding = Finding(code="NC201", severity=Severity.ERROR, message="S\u00e3o")
    assert "S\\xe3o" in drawn(sample_reports.report(findings=(finding,)), unicode=False)
