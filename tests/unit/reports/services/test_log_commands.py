"""Log commands and issue lists: GitLab, reviewdog, Azure Pipelines, TeamCity."""

from __future__ import annotations

import json
from typing import Any

import pytest

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.documentation import RuleTexts
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Blocked, Finding, NotRun
from netra_contracts.model.report import NOT_RUN, ComponentReport, Report
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RENDERERS, RenderOptions, format_of
from tests.unit.reports import sample_reports

OPTIONS = RenderOptions(
    cwd=sample_reports.CWD,
    root=sample_reports.CWD,
    config_file=f"{sample_reports.CWD}/netra-contracts.toml",
    rules=RuleTexts(CHECKS),
)
ERROR = TargetError(name="jobs", exit_code=2, problems=("there is nothing to check here",))


def drawn(name: str, run: RunReport | Report) -> str:
    return RENDERERS[name](run if isinstance(run, RunReport) else RunReport.of(run), OPTIONS)


def issues(run: RunReport | Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(drawn("gitlab", run))
    return found


def diagnostics(run: RunReport | Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(drawn("rdjson", run))["diagnostics"]
    return found


def finding(component: str = "pool", code: str = "NC201", **fields: object) -> Finding:
    values = {"severity": Severity.ERROR, "message": f"`{component}` was never set", **fields}
    return Finding.model_validate({"code": code, "component": component, **values})


def with_a_consequence() -> Report:
    root = finding()
    follows = finding("bridge", caused_by=root.fingerprint)
    blocked = Blocked(component="engine", by="pool", reason="", finding=root.fingerprint)
    return sample_reports.report(findings=(root, follows), blocked=(blocked,))


def test_gitlab_has_an_issue_for_each_finding_with_impact_and_help() -> None:
    (issue,) = issues(sample_reports.failed())
    assert issue == {
        "type": "issue",
        "check_name": "NC303",
        "description": (
            "`execution_engine_factory._websocket_bridge` is None; impact: Users stop seeing the agent's reasoning; "
            "help: build the factory after the bridge"
        ),
        "categories": ["Bug Risk"],
        "severity": "major",
        "fingerprint": sample_reports.NC303.fingerprint,
        "location": {"path": "app/startup.py", "lines": {"begin": 41}},
    }


def test_gitlab_issue_names_the_cause_and_the_blocked_contracts() -> None:
    root, follows = issues(with_a_consequence())
    assert root["description"] == "`pool` was never set; blocks: engine"
    assert follows["description"] == "`bridge` was never set; follows from NC201"


def test_gitlab_fingerprints_differ_between_targets_and_for_the_same_finding_twice() -> None:
    report = sample_reports.report(findings=(finding(), finding()))
    reports = tuple(NamedReport(name=name, report=report) for name in ("api", "worker"))
    found = issues(RunReport(reports=reports, several=True))
    assert len({issue["fingerprint"] for issue in found}) == 4
    assert found[0]["description"].startswith("api: ")


def test_gitlab_shows_required_checks_not_run_and_failed_targets() -> None:
    entries = (NotRun(code="NC208", component="pool", reason="no answer", required=True), NotRun(code="X", reason="-"))
    component = ComponentReport(address="pool", declared_at=Location(f"{sample_reports.CWD}/pyproject.toml", 7))
    report = sample_reports.report(not_run=entries, components=(component,))
    failed, not_run = issues(
        RunReport(reports=(NamedReport(name="api", report=report),), errors=(ERROR,), several=True)
    )
    assert (failed["severity"], failed["location"]["path"]) == ("blocker", "netra-contracts.toml")
    assert failed["description"] == "jobs could not be checked: there is nothing to check here"
    assert not_run["description"] == "api: not run: pool: no answer"
    assert not_run["location"] == {"path": "pyproject.toml", "lines": {"begin": 7}}


def test_rdjson_has_a_diagnostic_for_each_root_cause_with_its_columns_and_causes() -> None:
    located = sample_reports.NC303.model_copy(update={"location": Location(sample_reports.STARTUP, 41, "f", 5, 9)})
    (found,) = diagnostics(sample_reports.report(findings=(located,)))
    assert found["location"] == {
        "path": "app/startup.py",
        "range": {"start": {"line": 41, "column": 5}, "end": {"line": 41, "column": 9}},
    }
    assert found["message"].splitlines()[-2:] == ["help: build the factory after the bridge", "phase: integration"]
    assert (found["severity"], found["code"]["value"]) == ("ERROR", "NC303")
    assert [one["location"]["range"]["start"]["line"] for one in found["related_locations"]] == [57]


def test_rdjson_lists_consequences_with_their_cause() -> None:
    (found,) = diagnostics(with_a_consequence())
    assert found["message"].splitlines()[1:] == ["then: NC201 `bridge` was never set", "blocks: engine"]


def test_azure_logs_the_most_severe_first_and_notes_as_lines() -> None:
    found = (finding("a", severity=Severity.NOTE), finding("b", severity=Severity.WARNING), finding("c"))
    lines = drawn("azure", sample_reports.report(findings=found)).splitlines()
    assert lines[0] == (
        "##vso[task.logissue type=error;sourcepath=netra-contracts.toml;linenumber=1;columnnumber=1;code=NC201;]"
        "NC201 `c` was never set"
    )
    assert lines[1].startswith("##vso[task.logissue type=warning;")
    assert lines[2] == "note: netra-contracts.toml:1: NC201 `a` was never set"
    assert lines[3].startswith("PASSED  app.main:app: ")


def test_azure_lists_errors_of_every_target_among_the_first() -> None:
    many = sample_reports.report(findings=tuple(finding(f"c{n}") for n in range(30)))
    reports = tuple(NamedReport(name=name, report=many) for name in ("api", "worker"))
    lines = drawn("azure", RunReport(reports=reports, errors=(ERROR,), several=True)).splitlines()
    assert "NC201 api: `c0`" in lines[1]
    assert "NC201 worker: `c0`" in lines[2]
    assert "jobs could not be checked" in lines[0]


def test_azure_escapes_properties_and_data() -> None:
    special = finding("x", message="50%", location=Location(f"{sample_reports.CWD}/a;b].py", 3))
    line = drawn("azure", sample_reports.report(findings=(special,))).splitlines()[0]
    assert "sourcepath=a%3Bb%5D.py;linenumber=3;" in line
    assert line.endswith("]NC201 50%AZP25; component: `x`")


def test_azure_and_others_count_checks_not_run_as_errors_where_they_fail_the_run() -> None:
    entry = NotRun(code="NC208", component="pool", reason="no answer", required=True)
    assert "type=warning" in drawn("azure", sample_reports.report(not_run=(entry,)))
    strict = sample_reports.report(not_run=(entry,), strict=True, failed_by=(NOT_RUN,), exit_code=1)
    assert "type=error" in drawn("azure", strict)


def test_teamcity_declares_types_and_reports_inspections() -> None:
    lines = drawn("teamcity", sample_reports.with_impact()).splitlines()
    assert lines[0].startswith(
        "##teamcity[inspectionType id='NC303' name='NC303 wired-to-another-object' category='order"
    )
    assert lines[1] == (
        "##teamcity[inspection typeId='NC303' message='`execution_engine_factory._websocket_bridge` is None"
        "|nwhy: it was built here"
        "|nwhy: `agent_websocket_bridge` was first set 8 ms later (app/startup.py:57)"
        "|nimpact: Users stop seeing the agent|'s reasoning"
        "|nhelp: build the factory after the bridge|nphase: integration' "
        "file='app/startup.py' line='41' SEVERITY='ERROR']"
    )
    assert lines[2].startswith("##teamcity[message text='FAILED  app.main:app: ")
    assert lines[2].endswith(" status='ERROR']")


def test_teamcity_escapes_non_ascii_characters_as_utf_16() -> None:
    text = drawn("teamcity", sample_reports.report(findings=(finding("", message="[|] \u00e9 \U0001f468"),)))
    assert "message='|[|||] |0x00e9 |0xd83d|0xdc68'" in text


@pytest.mark.parametrize(
    ("variable", "on_stdout", "in_a_file"),
    [
        ("GITHUB_ACTIONS", "github", "github"),
        ("GITLAB_CI", "concise", "gitlab"),
        ("TF_BUILD", "azure", "azure"),
        ("TEAMCITY_VERSION", "teamcity", "teamcity"),
        ("CI", "concise", "concise"),
    ],
)
def test_ci_is_the_format_of_the_service(variable: str, on_stdout: str, in_a_file: str) -> None:
    assert format_of("ci", {variable: "true"}) == on_stdout
    assert format_of("ci", {variable: "true"}, to_file=True) == in_a_file
    assert format_of("ci", {variable: ""}, to_file=True) == "concise"
