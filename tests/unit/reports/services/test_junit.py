"""JUnit XML: a test case for each contract, which consumers show by name, file and content."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked, Finding, NotRun
from netra_contracts.model.report import NOT_RUN, ComponentReport, PhaseReport, Report, Verdict
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.model.suppression import Suppressed
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RENDERERS, RenderOptions
from tests.unit.reports import sample_reports

OPTIONS = RenderOptions(cwd=sample_reports.CWD, root=sample_reports.CWD)


def document(run: RunReport | Report, name: str = "junit") -> ET.Element:
    run = run if isinstance(run, RunReport) else RunReport.of(run)
    return ET.fromstring(RENDERERS[name](run, OPTIONS))  # noqa: S314 - our own document


def case(root: ET.Element, name: str) -> ET.Element:
    (found,) = root.findall(f".//testcase[@name='{name}']")
    return found


def finding(component: str = "pool", code: str = "NC201", **fields: object) -> Finding:
    values = {"severity": Severity.ERROR, "message": f"`{component}` was never set", **fields}
    return Finding.model_validate({"code": code, "component": component, **values})


def contract(address: str, status: str, phase: Phase | None = None) -> ComponentReport:
    return ComponentReport.model_validate({"address": address, "status": status, "phase": phase})


def test_contracts_are_test_cases_in_the_suite_of_their_phase() -> None:
    report = sample_reports.report(
        components=(
            contract("pool", "held", Phase.CONFIGURATION),
            contract("bridge", "broken", Phase.INTEGRATION),
            contract("engine", "blocked", Phase.INTEGRATION),
            contract("cache", "not_run"),
            contract("other", "unchecked"),
        ),
        findings=(finding("bridge", phase=Phase.INTEGRATION, hint="set it"),),
        blocked=(
            Blocked(
                component="engine", by="bridge", reason="it depends on `bridge`, which is broken", impact="no answers"
            ),
        ),
        not_run=(NotRun(code="NC208", component="cache", reason="no answer"),),
        phases=(PhaseReport(name=Phase.INTEGRATION, status="failed", ms=1500.0),),
        failed_by=("NC201",),
        exit_code=1,
    )
    root = document(report)
    suites = {suite.get("name"): [one.get("name") for one in suite.iter("testcase")] for suite in root}
    assert suites == {
        "app.main:app.checks": ["startup"],
        "app.main:app.configuration": ["pool"],
        "app.main:app.integration": ["bridge", "engine"],
        "app.main:app.readiness": ["cache"],
    }
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("5", "1", "0")
    integration = root.findall("testsuite")[2]
    assert (integration.get("failures"), integration.get("skipped"), integration.get("time")) == ("1", "1", "1.500")
    assert list(case(root, "pool")) == []
    (failure,) = case(root, "bridge")
    assert (failure.tag, failure.get("type")) == ("failure", "NC201")
    assert (failure.text or "").splitlines() == [
        "error[NC201] `bridge` was never set",
        "at app/main.py:1, integration phase",
        "help: set it",
    ]
    (skipped,) = case(root, "engine")
    assert (skipped.tag, skipped.text) == (
        "skipped",
        "blocked: it depends on `bridge`, which is broken\nimpact: no answers",
    )
    (skipped,) = case(root, "cache")
    assert (skipped.tag, skipped.text) == ("skipped", "not run: NC208 no answer")


def test_finding_without_a_contract_is_a_test_case_with_its_consequences() -> None:
    root_cause = finding("pool", "NC108")
    follows = finding("bridge", "NC602", caused_by=root_cause.fingerprint)
    root = document(sample_reports.report(findings=(root_cause, follows), failed_by=("NC108",), exit_code=1))
    (failure,) = case(root, "NC108 pool")
    assert "then: NC602 `bridge` was never set" in (failure.text or "")
    assert len(root.findall(".//testcase")) == 2


def test_finding_below_the_fail_level_passes_with_its_text_as_output() -> None:
    warning = finding("pool", "NC602", severity=Severity.WARNING)
    root = document(sample_reports.report(findings=(warning,)))
    (output,) = case(root, "NC602 pool")
    assert output.tag == "system-out"
    assert (output.text or "").startswith("warning[NC602] ")


def test_warning_fails_where_warnings_fail_the_run_and_a_note_of_the_same_code_does_not() -> None:
    found = (
        finding("a", "NC202", severity=Severity.WARNING),
        finding("b", "NC202", severity=Severity.NOTE),
    )
    root = document(sample_reports.report(findings=found, fail_level="warning", exit_code=1))
    assert [one.tag for one in case(root, "NC202 a")] == ["failure"]
    assert [one.tag for one in case(root, "NC202 b")] == ["system-out"]


def test_failed_stage_without_a_finding_is_an_error_of_the_startup() -> None:
    root = document(sample_reports.report(failed_by=("startup",), exit_code=1))
    (error,) = case(root, "startup")
    assert (error.tag, error.text) == ("error", "startup failed")


def test_target_that_could_not_start_is_an_error_of_the_startup_beside_the_finding() -> None:
    report = sample_reports.report(
        verdict=Verdict.NOT_STARTED, exit_code=1, failed_by=("NC103", "import"), findings=(finding("", "NC103"),)
    )
    root = document(report)
    (error,) = case(root, "startup")
    assert (error.tag, error.text) == ("error", "the target could not start: NC103 and import")
    assert [one.tag for one in case(root, "NC103")] == ["failure"]


def test_check_not_run_is_skipped_and_an_error_where_it_fails_the_run() -> None:
    entry = NotRun(code="NC501", reason="no uvicorn", required=True)
    (outcome,) = case(document(sample_reports.report(not_run=(entry,))), "NC501")
    assert outcome.tag == "skipped"
    strict = sample_reports.report(not_run=(entry,), strict=True, failed_by=(NOT_RUN,), exit_code=1)
    (outcome,) = case(document(strict), "NC501")
    assert (outcome.tag, outcome.text) == ("error", "not run: NC501 no uvicorn")


def test_test_cases_have_files_and_the_strict_form_has_them_on_suites_only() -> None:
    report = sample_reports.report(findings=(finding(location=Location(sample_reports.STARTUP, 3)),))
    assert case(document(report), "NC201 pool").get("file") == "app/startup.py"
    strict = document(report, "junit-strict")
    assert {name for one in strict.iter("testcase") for name in one.attrib} == {"name", "classname", "time"}
    assert {suite.get("file") for suite in strict} == {"app/main.py"}


def test_names_are_unique_in_a_suite() -> None:
    root = document(sample_reports.report(findings=(finding(), finding(), finding())))
    assert [one.get("name") for one in root.iter("testcase")] == [
        "startup",
        "NC201 pool",
        "NC201 pool #2",
        "NC201 pool #3",
    ]


def test_target_that_could_not_be_checked_is_an_error() -> None:
    error = TargetError(name="jobs", exit_code=2, problems=("there is nothing to check here",))
    run = RunReport(reports=(NamedReport(name="api", report=sample_reports.report()),), errors=(error,), several=True)
    root = document(run)
    assert [suite.get("name") for suite in root] == ["api.checks", "jobs"]
    (found,) = root[1][0]
    assert (found.tag, found.text) == ("error", "there is nothing to check here")


@pytest.mark.parametrize("ms", [0.0, 1e-9, 1e12, float("nan"), float("inf")])
def test_times_are_plain_decimals(ms: float) -> None:
    phase = PhaseReport(name=Phase.READINESS, status="passed", ms=ms)
    root = document(sample_reports.report(phases=(phase,), components=(contract("pool", "held"),)))
    for element in root.iter():
        whole, _, decimals = element.get("time", "0.000").partition(".")
        assert whole.isdigit()
        assert len(decimals) == 3
        assert decimals.isdigit()


def test_contract_that_only_known_findings_break_is_skipped_with_the_reason() -> None:
    known = Suppressed(finding=finding(), source="baseline", reason="not migrated yet")
    component = contract("pool", "broken").model_copy(update={"known": True})
    (skipped,) = case(document(sample_reports.report(components=(component,), suppressed=(known,))), "pool")
    assert (skipped.tag, skipped.text) == ("skipped", "known: NC201 `pool` was never set: not migrated yet")


def test_known_finding_that_breaks_no_contract_is_skipped_with_the_reason() -> None:
    known = Suppressed(finding=finding("", code="NC601", subject="task"), source="baseline", reason="harmless")
    (skipped,) = case(document(sample_reports.report(suppressed=(known,))), "NC601 task")
    assert skipped.tag == "skipped"
    assert str(skipped.text).endswith(": harmless")


@pytest.mark.slow
def test_document_is_no_longer_than_gitlab_reads() -> None:
    findings = tuple(finding(f"c{n}", message="<" * 2000, hint="&" * 2000) for n in range(3000))
    text = RENDERERS["junit"](RunReport.of(sample_reports.report(findings=findings)), OPTIONS)
    assert len(text.encode()) < 30_000_000
    assert text.count("<testcase ") == 3001
