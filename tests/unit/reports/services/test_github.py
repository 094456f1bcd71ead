from __future__ import annotations

import re

from hypothesis import given, settings

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Blocked, Finding, NotRun
from netra_contracts.model.report import NOT_RUN, Report, Summary
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RENDERERS, RenderOptions
from netra_contracts.reports.grouping import group_by_root
from tests.unit.reports import sample_reports


def lines(report: Report) -> list[str]:
    return RENDERERS["github"](RunReport.of(report), RenderOptions(cwd=sample_reports.CWD)).splitlines()


def finding(component: str = "pool", severity: Severity = Severity.ERROR, **fields: object) -> Finding:
    values = {"code": "NC201", "message": f"`{component}` was never set", **fields}
    return Finding.model_validate({"severity": severity, "component": component, **values})


def test_finding_is_an_annotation_with_location_causes_and_help() -> None:
    annotation, summary = lines(sample_reports.failed())
    assert annotation == (
        "::error file=/home/ada/netra/app/startup.py,line=41,title=NC303 execution_engine_factory (integration phase)::"
        "`execution_engine_factory._websocket_bridge` is None"
        "%0Awhy: it was built here"
        "%0Awhy: `agent_websocket_bridge` was first set 8 ms later (app/startup.py:57)"
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


def test_length_of_the_log_is_bounded() -> None:
    findings = tuple(finding(f"c{n}", message="m" * 5000) for n in range(3000))
    not_run = tuple(NotRun(code="NC208", component=f"c{n}", reason="r" * 5000) for n in range(3000))
    drawn = lines(sample_reports.report(findings=findings, not_run=not_run))
    assert len(drawn) == 10 + 1000 + 1 + 1000 + 1 + 1
    assert max(map(len, drawn[10:])) == 1000
    assert drawn[1010] == "and 1,990 more findings; --format json has them"
    assert drawn[2011] == "not run: and 2,000 more checks; --format json has them"


def test_findings_after_ten_of_a_level_are_plain_lines() -> None:
    findings = (*(finding(f"c{n}") for n in range(12)), finding("w", Severity.WARNING))
    drawn = lines(sample_reports.report(findings=findings))
    assert sum(line.startswith("::error ") for line in drawn) == 10
    assert drawn[10:12] == ["error[NC201] `c10` was never set", "error[NC201] `c11` was never set"]
    assert drawn[12].startswith("::warning ")


def test_root_causes_are_annotated_with_their_consequences_and_what_they_block() -> None:
    first = finding("root")
    following = tuple(finding(f"c{n}", caused_by=first.fingerprint) for n in range(2))
    blocked = (Blocked(component="bridge", by="root", reason="", finding=first.fingerprint),)
    drawn = lines(sample_reports.report(findings=(first, *following, finding("last")), blocked=blocked))
    assert len(drawn) == 3
    assert drawn[0].startswith("::error title=NC201 root::")
    assert drawn[0].endswith("%0Athen: NC201 `c0` was never set%0Athen: NC201 `c1` was never set%0Ablocks: bridge")
    assert "title=NC201 last::" in drawn[1]


def test_what_contracts_ask_for_and_was_not_run_is_one_annotation() -> None:
    entries = (
        NotRun(code="NC208", component="pool", reason="no answer", required=True),
        NotRun(code="NC404", component="pool", reason="no release"),
    )
    report = sample_reports.report(not_run=entries, summary=Summary(not_run=2, required_not_run=1))
    warning, plain, _ = lines(report)
    assert warning.startswith("::warning title=1 check not run::")
    assert "NC208 pool: no answer" in warning
    assert plain == "not run: NC404 pool: no release"
    failed = report.model_copy(update={"failed_by": (NOT_RUN,), "strict": True})
    assert lines(failed)[0].startswith("::error title=1 check not run::")


def test_summary_counts_checks_not_run_and_blocked_contracts() -> None:
    entry = NotRun(code="NC208", reason="no")
    report = sample_reports.report(not_run=(entry,), summary=Summary(not_run=1, blocked=2))
    assert lines(report)[-1].endswith("0 notes, 2 contracts blocked, 1 check not run")


def test_annotations_are_shared_between_targets_and_the_other_findings_are_lines() -> None:
    many = sample_reports.report(findings=tuple(finding(f"c{n}") for n in range(30)))
    reports = tuple(NamedReport(name=name, report=many) for name in ("api", "worker", "jobs"))
    error = TargetError(name="dead", exit_code=2, problems=("there is nothing to check here",))
    run = RunReport(reports=reports, errors=(error,), several=True)
    drawn = RENDERERS["github"](run, RenderOptions()).splitlines()
    assert drawn[0] == "::error title=dead could not be checked::there is nothing to check here"
    counts = []
    start = 1
    for name in ("api", "worker", "jobs"):
        end = drawn.index(f"netra-contracts: {name} passed: 0 errors, 0 warnings, 0 notes")
        counts.append(sum(line.startswith("::error ") for line in drawn[start:end]))
        assert end - start == 30
        start = end + 1
    assert counts == [3, 3, 3]
    entry = NotRun(code="NC208", reason="no answer", required=True)
    unchecked = NamedReport(name="api", report=sample_reports.report(not_run=(entry,)))
    first = RENDERERS["github"](RunReport(reports=(unchecked,), several=True), RenderOptions()).splitlines()[0]
    assert first.startswith("::warning title=1 check not run (api)::")
    assert drawn[1] == "::error title=NC201 c0 (api)::`c0` was never set"
    assert drawn[4] == "api: error[NC201] `c3` was never set"


@settings(max_examples=100, deadline=None)
@given(sample_reports.hostile_reports())
def test_text_of_the_target_is_never_a_workflow_command(report: Report) -> None:
    text = RENDERERS["github"](RunReport.of(report), RenderOptions())
    text.encode()
    drawn = text.split("\n")
    assert drawn.pop() == ""
    roots, _ = group_by_root(report.findings, report.blocked)
    assert all(line.isprintable() for line in drawn)
    assert "##[" not in drawn[-1]
    for line, root in zip(drawn, roots, strict=False):
        assert re.match(r"::(error|warning|notice) (file=[^:,]*,line=\d+,)?title=[^:,]*::", line)
        assert root.finding.code in line


def test_annotation_has_the_columns_and_the_calls_that_led_to_the_exception() -> None:
    calls = (Location(f"{sample_reports.CWD}/main.py", 3, "lifespan"), Location("/lib/db.py", 9, "connect", 5, 12))
    assert lines(sample_reports.report(findings=(finding(location=calls[-1], calls=calls),)))[0] == (
        "::error file=/lib/db.py,line=9,col=5,endColumn=12,title=NC201 pool::`pool` was never set"
        "%0Acalls: lifespan (main.py:3) -> connect (/lib/db.py:9)"
    )
