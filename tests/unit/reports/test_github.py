from __future__ import annotations

import re

from hypothesis import given, settings

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding, NotRun
from netra_contracts.model.report import Report, Summary
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RENDERERS, RenderOptions
from tests.unit.reports import sample_reports


def lines(report: Report) -> list[str]:
    return RENDERERS["github"](report, RenderOptions(cwd=sample_reports.CWD)).splitlines()


def finding(component: str = "pool", severity: Severity = Severity.ERROR, **fields: object) -> Finding:
    values = {"code": "NC201", "message": f"`{component}` was never set", **fields}
    return Finding.model_validate({"severity": severity, "component": component, **values})


def test_finding_is_an_annotation_with_location_causes_and_help() -> None:
    annotation, summary = lines(sample_reports.failed())
    assert annotation == (
        "::error file=/home/ada/netra/app/startup.py,line=41,title=NC303 execution_engine_factory::"
        "`execution_engine_factory._websocket_bridge` is None"
        "%0Abecause: it was built here"
        "%0Abecause: `agent_websocket_bridge` was first set 8 ms later"
        "%0Aimpact: Users stop seeing the agent's reasoning"
        "%0Ahelp: build the factory after the bridge"
    )
    assert summary == "netra-contracts: app.main:app failed: 1 error, 0 warnings, 0 notes"


def test_data_and_properties_are_escaped() -> None:
    special = finding("a:b,c%d", message="50%: one, two", location=Location("/a,b:c%.py", 3))
    assert lines(sample_reports.report(findings=(special,)))[0] == (
        "::error file=/a%2Cb%3Ac%25.py,line=3,title=NC201 a%3Ab%2Cc%25d::50%25: one, two"
    )


def test_severity_becomes_the_annotation_level() -> None:
    findings = tuple(finding(severity=severity) for severity in Severity)
    assert [line.split(" ")[0] for line in lines(sample_reports.report(findings=findings))[:3]] == [
        "::error",
        "::warning",
        "::notice",
    ]


def test_findings_after_ten_of_a_level_are_plain_lines() -> None:
    findings = (*(finding(f"c{n}") for n in range(12)), finding("w", Severity.WARNING))
    drawn = lines(sample_reports.report(findings=findings))
    assert sum(line.startswith("::error ") for line in drawn) == 10
    assert drawn[10:12] == ["error[NC201] `c10` was never set", "error[NC201] `c11` was never set"]
    assert drawn[12].startswith("::warning ")


def test_root_causes_are_annotated_before_consequences() -> None:
    first = finding("root")
    following = tuple(finding(f"c{n}", caused_by=first.fingerprint) for n in range(10))
    drawn = lines(sample_reports.report(findings=(first, *following, finding("last"))))
    assert [line for line in drawn if line.startswith("error[")] == [
        "error[NC201] `c8` was never set",
        "error[NC201] `c9` was never set",
    ]


def test_summary_counts_checks_not_run() -> None:
    report = sample_reports.report(not_run=(NotRun(code="NC208", reason="no"),), summary=Summary(not_run=1))
    assert lines(report)[-1].endswith("0 notes, 1 check not run")


@settings(max_examples=100, deadline=None)
@given(sample_reports.hostile_reports())
def test_text_of_the_target_is_never_a_workflow_command(report: Report) -> None:
    text = RENDERERS["github"](report, RenderOptions())
    text.encode()
    drawn = text.split("\n")
    assert drawn.pop() == ""
    assert len(drawn) == len(report.findings) + 1
    assert all(line.isprintable() for line in drawn)
    assert "##[" not in drawn[-1]
    for line, finding in zip(drawn, report.findings, strict=False):
        assert re.match(r"::(error|warning|notice) (file=[^:,]*,line=\d+,)?title=[^:,]*::", line)
        assert finding.code in line


def test_annotation_has_the_columns_and_the_calls_that_led_to_the_exception() -> None:
    calls = (Location(f"{sample_reports.CWD}/main.py", 3, "lifespan"), Location("/lib/db.py", 9, "connect", 5, 12))
    assert lines(sample_reports.report(findings=(finding(location=calls[-1], calls=calls),)))[0] == (
        "::error file=/lib/db.py,line=9,col=5,endColumn=12,title=NC201 pool::`pool` was never set"
        "%0Acalls: lifespan (main.py:3) -> connect (/lib/db.py:9)"
    )
