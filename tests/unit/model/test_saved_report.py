"""JSON reports are read as the reports that they were written of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_origin

import pytest
from hypothesis import given, settings

from netra_contracts.model.report import ComponentReport, Report
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.model.saved_report import UnreadableReportError, is_report, read_report
from netra_contracts.reports.json import run_document
from tests.unit.reports import sample_reports

SEVERAL = RunReport(
    reports=(
        NamedReport(name="api", report=sample_reports.failed()),
        NamedReport(name="admin", report=sample_reports.report()),
    ),
    errors=(TargetError(name="jobs", exit_code=2, problems=("there is nothing to check",)),),
    several=True,
)


#: Fields whose members have names of their own.
TABLES = [
    name
    for record in (Report, ComponentReport)
    for name, field in record.model_fields.items()
    if get_origin(field.annotation) is Mapping
]


def written(run: RunReport) -> Any:
    return json.loads(json.dumps(run_document(run)))


def objects(document: object) -> Iterator[dict[str, Any]]:
    """All objects of a document whose members have fixed names."""
    if isinstance(document, dict):
        yield document
        for name, member in document.items():
            if name not in TABLES:
                yield from objects(member)
    elif isinstance(document, list):
        for member in document:
            yield from objects(member)


@pytest.mark.parametrize("run", [RunReport.of(sample_reports.failed()), SEVERAL], ids=["one", "several"])
def test_written_report_is_read_as_it_was(run: RunReport) -> None:
    assert is_report(written(run))
    assert read_report(written(run)) == run


@settings(max_examples=15)
@given(sample_reports.hostile_reports())
def test_report_with_any_text_is_read_as_it_was(report: Report) -> None:
    assert read_report(written(RunReport.of(report))) == RunReport.of(report)


def test_fields_that_a_later_version_has_added_are_ignored() -> None:
    document = written(SEVERAL)
    for member in list(objects(document)):
        member["added_later"] = {"any": "value"}
    assert read_report(document) == SEVERAL


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"schema_version": 1}, "has version 1 of the schema; this version reads 2"),
        ({"schema_version": "2"}, "has version 2 of the schema"),
        ({"verdict": "perhaps"}, "verdict"),
        ({"findings": 3}, "findings"),
        ({"findings": [3]}, "findings"),
        ({"suppressed": [{"reason": "known"}]}, "findings"),
        ({"suppressed": 3}, "findings"),
        ({"components": [{"address": 3}]}, "address"),
    ],
)
def test_report_that_was_changed_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(UnreadableReportError, match=reason):
        read_report({**written(RunReport.of(sample_reports.failed())), **change})


@pytest.mark.parametrize("document", [{}, [], 3, None, {"schema_version": 2}, {"observation": {}}])
def test_other_documents_are_no_reports(document: object) -> None:
    assert not is_report(document)
