"""SARIF: what GitHub's code scanning needs of a log."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.documentation import RuleTexts
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Blocked, Cause, Finding, NotRun
from netra_contracts.model.report import ComponentReport, Report
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.model.suppression import Suppressed
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RENDERERS, RenderOptions
from tests.unit.reports import sample_reports

OPTIONS = RenderOptions(cwd=sample_reports.CWD, root=sample_reports.CWD, rules=RuleTexts(CHECKS))


def log(run: RunReport | Report) -> list[dict[str, Any]]:
    run = run if isinstance(run, RunReport) else RunReport.of(run)
    runs: list[dict[str, Any]] = json.loads(RENDERERS["sarif"](run, OPTIONS))["runs"]
    return runs


def finding(component: str = "pool", code: str = "NC201", **fields: object) -> Finding:
    values = {"severity": Severity.ERROR, "message": f"`{component}` was never set", **fields}
    return Finding.model_validate({"code": code, "component": component, **values})


def test_result_has_its_line_relative_to_the_repository_its_columns_component_and_phase() -> None:
    located = sample_reports.NC303.model_copy(
        update={"location": Location(sample_reports.STARTUP, 41, "lifespan", column=25, end_column=40)}
    )
    (run,) = log(sample_reports.report(findings=(located,)))
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("NC303", "error")
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "app/startup.py", "uriBaseId": "%SRCROOT%"},
        "region": {
            "startLine": 41,
            "startColumn": 25,
            "endColumn": 40,
            "snippet": {"text": "    app.state.factory = Factory(bridge)"},
        },
    }
    assert [(one["kind"], one["name"]) for one in location["logicalLocations"]] == [
        ("component", "execution_engine_factory"),
        ("phase", "integration"),
    ]
    assert run["columnKind"] == "unicodeCodePoints"
    assert result["properties"]["impact"] == "Users stop seeing the agent's reasoning"


def test_fingerprint_is_that_of_the_finding_in_the_form_that_github_reads() -> None:
    (run,) = log(sample_reports.failed())
    print_ = sample_reports.NC303.fingerprint
    assert run["results"][0]["partialFingerprints"] == {
        "primaryLocationLineHash": f"{print_}:1",
        "netraContracts/v1": print_,
    }


def test_causes_are_a_flow_that_ends_at_the_finding_and_related_locations_with_ids() -> None:
    (run,) = log(sample_reports.failed())
    (flow,) = run["results"][0]["codeFlows"]
    steps = [step["location"] for step in flow["threadFlows"][0]["locations"]]
    assert [step["message"]["text"] for step in steps] == [
        "`agent_websocket_bridge` was first set 8 ms later",
        "it was built here",
        "`execution_engine_factory._websocket_bridge` is None",
    ]
    assert [one["id"] for one in run["results"][0]["relatedLocations"]] == [1, 2]


def test_calls_that_led_to_an_exception_are_a_flow() -> None:
    calls = (Location("/srv/main.py", 3, "lifespan"), Location("/srv/db.py", 9, "connect"))
    (run,) = log(sample_reports.report(findings=(finding(location=calls[-1], calls=calls),)))
    (flow,) = run["results"][0]["codeFlows"]
    assert [step["location"]["message"]["text"] for step in flow["threadFlows"][0]["locations"]] == [
        "lifespan",
        "connect",
    ]


def test_consequence_is_related_to_the_finding_that_it_follows_from() -> None:
    root = finding("pool", location=Location(f"{sample_reports.CWD}/main.py", 7))
    follows = finding("bridge", caused_by=root.fingerprint)
    (run,) = log(sample_reports.report(findings=(root, follows)))
    related = run["results"][1]["relatedLocations"][0]
    assert related["message"]["text"] == "follows from NC201: `pool` was never set"
    assert related["physicalLocation"]["region"]["startLine"] == 7


def test_finding_without_a_line_is_at_its_contract() -> None:
    declared = Location(f"{sample_reports.CWD}/pyproject.toml", 12)
    component = ComponentReport(address="pool", declared_at=declared)
    (run,) = log(sample_reports.report(findings=(finding(),), components=(component,)))
    physical = run["results"][0]["locations"][0]["physicalLocation"]
    assert (physical["artifactLocation"]["uri"], physical["region"]["startLine"]) == ("pyproject.toml", 12)


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("/usr/lib/python3/x.py", "file:///usr/lib/python3/x.py"),
        (f"{sample_reports.CWD}/a b#1?.py", "a%20b%231%3F.py"),
        (f"{sample_reports.CWD}/caf\u00e9.py", "caf%C3%A9.py"),
        (f"{sample_reports.CWD}/\udcff.py", "%FF.py"),
    ],
)
def test_path_is_a_uri_and_one_outside_of_the_repository_an_absolute_one(file: str, uri: str) -> None:
    (run,) = log(sample_reports.report(findings=(finding(location=Location(file, 1)),)))
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    if file.startswith(sample_reports.CWD):
        assert artifact == {"uri": uri, "uriBaseId": "%SRCROOT%"}
    else:  # the file of the target is in the repository, and so is shown instead
        assert artifact["uri"] == "app/main.py"
        flow = finding(location=None, calls=(Location(file, 1), Location(file, 2)))
        (run,) = log(sample_reports.report(findings=(flow,)))
        first = run["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"][0]["location"]
        assert first["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_rule_has_the_documentation_of_the_check() -> None:
    (run,) = log(sample_reports.failed())
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["name"] == "wired-to-another-object"
    assert rule["shortDescription"]["text"].startswith("Reports an attribute")
    assert "## What to do" in rule["help"]["markdown"]
    assert "What to do" in rule["help"]["text"]
    assert rule["helpUri"].endswith("/docs/checks/NC303.md")
    assert "security-severity" not in rule["properties"]


def test_codes_about_security_and_only_these_have_a_security_severity() -> None:
    findings = tuple(finding(code=check.code) for check in CHECKS)
    (run,) = log(sample_reports.report(findings=findings))
    secure = [rule["id"] for rule in run["tool"]["driver"]["rules"] if "security-severity" in rule["properties"]]
    assert secure == ["NC401", "NC402", "NC403", "NC404", "NC504", "NC506", "NC510", "NC704"]
    assert all(0 < float(RuleTexts(CHECKS)[code].security_severity or 0) <= 10 for code in secure)


def test_check_of_a_plugin_has_no_page_in_the_documentation() -> None:
    class ShopClosed(Check):
        """## What it does

        Reports a shop that is closed. It opens at nine.
        """

        code = "SHOP001"
        name = "shop-closed"

    options = dataclasses.replace(OPTIONS, rules=RuleTexts([ShopClosed()]))
    run = RunReport.of(sample_reports.report(findings=(finding(code="SHOP001"),)))
    (rule,) = json.loads(RENDERERS["sarif"](run, options))["runs"][0]["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "Reports a shop that is closed."
    assert "helpUri" not in rule


def test_code_of_a_plugin_without_documentation_is_a_rule() -> None:
    (run,) = log(sample_reports.report(findings=(finding(code="ACME1"),)))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["ACME1"]


def test_targets_are_runs_of_different_categories_and_failed_ones_are_notified() -> None:
    reports = tuple(NamedReport(name=name, report=sample_reports.failed()) for name in ("api", "worker", "api"))
    error = TargetError(name="jobs", exit_code=2, problems=("there is nothing to check here",))
    runs = log(RunReport(reports=reports, errors=(error,), several=True))
    assert [run["automationDetails"]["id"] for run in runs] == [
        "netra-contracts/api/",
        "netra-contracts/worker/",
        "netra-contracts/api 2/",
        "netra-contracts/jobs/",
    ]
    prints = [result["partialFingerprints"]["netraContracts/v1"] for run in runs for result in run["results"]]
    assert len(set(prints)) == 3
    (invocation,) = runs[-1]["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    assert "there is nothing to check here" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_no_more_runs_are_written_than_github_reads_and_no_finding_is_lost() -> None:
    reports = tuple(NamedReport(name=f"t{n}", report=sample_reports.failed()) for n in range(30))
    runs = log(RunReport(reports=reports, several=True))
    assert len(runs) == 20
    assert sum(len(run["results"]) for run in runs) == 30
    assert len({run["automationDetails"]["id"] for run in runs}) == 20


def test_most_severe_results_are_kept_and_the_others_are_counted() -> None:
    notes = tuple(finding(f"n{n}", severity=Severity.NOTE) for n in range(5000))
    (run,) = log(sample_reports.report(findings=(*notes, finding("severe"))))
    assert len(run["results"]) == 5000
    assert run["results"][0]["properties"]["component"] == "severe"
    notifications = run["invocations"][0]["toolExecutionNotifications"]
    assert notifications[0]["message"]["text"] == "1 more finding left out; the JSON report has them"


def test_blocked_contracts_and_checks_not_run_are_notifications() -> None:
    report = sample_reports.report(
        blocked=(Blocked(component="bridge", by="pool", reason="it depends on `pool`, which is broken"),),
        not_run=(NotRun(code="NC401", component="pool", reason="no uvicorn", required=True),),
    )
    (run,) = log(report)
    notifications = run["invocations"][0]["toolExecutionNotifications"]
    assert [(one["level"], one["message"]["text"]) for one in notifications] == [
        ("warning", "not run: pool: no uvicorn"),
        ("note", "blocked: `bridge`: it depends on `pool`, which is broken"),
    ]


def test_text_of_the_target_is_neither_a_link_nor_a_placeholder() -> None:
    (run,) = log(sample_reports.report(findings=(finding(message="[x](1) {0}", causes=(Cause(message="{}"),)),)))
    assert run["results"][0]["message"]["text"] == "[x] (1) {{0}}\nwhy: {}"


def test_known_findings_are_left_out_unless_asked_for_with_v() -> None:
    known = Suppressed(finding=finding("known"), source="baseline", reason="not migrated yet")
    report = sample_reports.report(findings=(finding("new"),), suppressed=(known,))
    (run,) = log(report)
    assert [result["properties"]["component"] for result in run["results"]] == ["new"]
    verbose = dataclasses.replace(OPTIONS, verbose=1)
    (run,) = json.loads(RENDERERS["sarif"](RunReport.of(report), verbose))["runs"]
    new, accepted = run["results"]
    assert "suppressions" not in new
    assert accepted["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "not migrated yet"}]
    assert accepted["partialFingerprints"]["netraContracts/v1"] == known.finding.fingerprint
