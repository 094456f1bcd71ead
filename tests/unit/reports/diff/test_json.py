from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given, settings

from netra_contracts.contracts.model import Severity
from netra_contracts.model.comparison import compare_runs
from netra_contracts.model.report import Report, Verdict
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.diff import DIFF_RENDERERS
from netra_contracts.reports.diff.json import schema
from tests.unit.reports import sample_reports
from tests.unit.reports.sample_reports import NC303

VALIDATOR = jsonschema.Draft202012Validator(schema())


def written(before: Report, after: Report) -> dict[str, list[dict[str, object]]]:
    found = compare_runs(RunReport.of(before), RunReport.of(after))
    document: dict[str, list[dict[str, object]]] = json.loads(DIFF_RENDERERS["json"](found, RenderOptions()))
    VALIDATOR.validate(document)
    return document


def test_schema_is_valid_draft_2020_12() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_document_has_the_differences_and_no_whole_report() -> None:
    document = written(sample_reports.failed(), sample_reports.report())
    (diff,) = document["reports"]
    assert set(diff) == set(schema()["$defs"]["ReportDiff"]["required"])
    assert not any(name.endswith("_report") for name in diff)


def test_each_finding_has_its_fingerprint() -> None:
    graver = sample_reports.failed().model_copy(
        update={"findings": (NC303.model_copy(update={"severity": Severity.NOTE}),)}
    )
    documents = [
        written(sample_reports.report(), sample_reports.failed())["reports"][0]["new"],
        written(sample_reports.failed(), sample_reports.report())["reports"][0]["unchecked"],
        written(graver, sample_reports.failed())["reports"][0]["severities"],
    ]
    found = [entry.get("finding", entry) for (entry,) in documents]  # type: ignore[misc, has-type]  # plain data
    assert [finding["fingerprint"] for finding in found] == [NC303.fingerprint] * 3


@pytest.mark.slow
@settings(max_examples=40)
@given(sample_reports.hostile_reports())
def test_any_comparison_validates_against_the_schema(report: Report) -> None:
    written(report, sample_reports.changed(report))
    written(sample_reports.changed(report), report.model_copy(update={"verdict": Verdict.NOT_STARTED}))
