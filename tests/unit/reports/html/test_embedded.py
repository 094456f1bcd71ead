"""The report as JSON in the page."""

from __future__ import annotations

import json

from hypothesis import given, settings

from netra_contracts.model.report import Report
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports.html.embedded import extract
from netra_contracts.reports.json import run_document
from tests.unit.reports import sample_reports
from tests.unit.reports.html.pages import draw, full, several


@settings(max_examples=15, deadline=None)
@given(sample_reports.hostile_reports())
def test_page_holds_the_report_as_the_json_format_writes_it(report: Report) -> None:
    run = RunReport.of(report)
    assert json.loads(str(extract(draw(run)))) == json.loads(json.dumps(run_document(run)))


def test_page_of_several_targets_holds_all_reports() -> None:
    assert json.loads(str(extract(draw(several())))) == run_document(several())


def test_json_in_the_page_has_no_markup() -> None:
    text = str(extract(draw(full())))
    assert text.isascii()
    assert not set(text) & set("<>&")


def test_page_of_another_tool_holds_no_report() -> None:
    assert extract("<!doctype html><p>no report</p>") is None
    assert extract('<script type="application/json" id="report">{') is None
