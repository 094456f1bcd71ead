from __future__ import annotations

import jsonschema

from netra_contracts.model.report import Report
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.reports.json import run_document, run_schema
from tests.unit.reports import sample_reports


def run_of(*names: str, errors: tuple[TargetError, ...] = ()) -> RunReport:
    reports = tuple(NamedReport(name=name, report=sample_reports.failed()) for name in names)
    return RunReport(reports=reports, errors=errors, several=True)


def test_fingerprint_of_a_single_target_is_that_of_the_finding() -> None:
    [identified] = RunReport.of(sample_reports.failed()).findings()
    assert identified.fingerprint == sample_reports.NC303.fingerprint


def test_fingerprints_of_several_targets_differ_and_are_stable() -> None:
    first, second = [entry.fingerprint for entry in run_of("api", "worker").findings()]
    assert first != second
    assert [entry.fingerprint for entry in run_of("worker", "api").findings()] == [second, first]


def test_repeated_fingerprint_is_numbered() -> None:
    report = sample_reports.report(findings=(sample_reports.NC303,) * 3)
    prints = [entry.fingerprint for entry in RunReport.of(report).findings()]
    assert prints[0] == sample_reports.NC303.fingerprint
    assert len({*prints}) == 3


def test_exit_status_is_the_highest_of_all_targets() -> None:
    passed: Report = sample_reports.report()
    assert RunReport.of(passed).exit_code == 0
    assert run_of("api").exit_code == 1
    wrong, broken = (
        TargetError(name="a", exit_code=2, problems=("x",)),
        TargetError(name="b", exit_code=3, problems=("y",)),
    )
    assert run_of("api", errors=(wrong,)).exit_code == 2
    assert run_of("api", errors=(broken, wrong)).exit_code == 3


def test_document_of_several_targets_validates_against_its_schema() -> None:
    document = run_document(run_of("api", errors=(TargetError(name="b", exit_code=2, problems=("y",)),)))
    jsonschema.Draft202012Validator.check_schema(run_schema())
    jsonschema.validate(document, run_schema())
    assert [report["name"] for report in document["reports"]] == ["api"]
    assert document["errors"] == [{"name": "b", "exit_code": 2, "problems": ["y"]}]
