"""Known findings in the reports: the headline, the table, JSON, and the counts by code."""

from __future__ import annotations

import json
import re
from datetime import date

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_contracts.model.report import ComponentReport, PhaseReport, Report, Summary
from netra_contracts.model.run_report import NamedReport, RunReport
from netra_contracts.model.saved_report import read_report
from netra_contracts.model.suppression import StaleSuppression, Suppressed, Suppression
from netra_contracts.reports import RENDERERS, RenderOptions, statistics
from netra_contracts.reports.headline import format_broken, format_known, headline
from netra_contracts.reports.json import schema
from tests.unit.reports import sample_reports

KNOWN = Suppressed(
    finding=sample_reports.NC303,
    source="baseline",
    reason="replaced in spring",
    until=date(2027, 3, 1),
    added=date(2026, 1, 1),
)
STALE = StaleSuppression(
    suppression=Suppression(code="NC201", component="pool", reason="old", source="baseline"), unmatched=True
)


def known_report(**more: object) -> Report:
    """The report of a run whose only finding is known, and that has one stale entry."""
    return sample_reports.report(
        suppressed=(KNOWN,),
        stale=(STALE,),
        components=(ComponentReport(address="factory", status="broken", known=True),),
        phases=(PhaseReport(name="integration", status="failed", contracts=1, broken=1, known=True, known_broken=1),),
        summary=Summary(contracts=1, broken=1, known_broken=1, known=1, oldest_known_days=94, fixed=1, new=0),
        **more,
    )


def table(report: Report, **options: object) -> str:
    """The report as a table."""
    return RENDERERS["table"](RunReport.of(report), RenderOptions(cwd=sample_reports.CWD, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("summary", "text"),
    [
        (Summary(known=12, oldest_known_days=94, fixed=1, new=0), "12 known (oldest 94 days), 1 fixed, 0 new"),
        (Summary(known=1, oldest_known_days=1, fixed=0, new=2), "1 known (oldest 1 day), 0 fixed, 2 new"),
        (Summary(known=1200, fixed=0, new=0), "1,200 known, 0 fixed, 0 new"),
    ],
)
def test_counts_have_one_form(summary: Summary, text: str) -> None:
    assert format_known(summary) == text


@pytest.mark.parametrize(
    ("broken", "known", "text"), [(3, 0, "3 broken"), (3, 3, "3 broken (known)"), (3, 2, "3 broken (2 known)")]
)
def test_known_broken_contracts_are_named(broken: int, known: int, text: str) -> None:
    assert format_broken(broken, known) == text


def test_headline_of_a_run_with_known_findings_alone_says_that_none_is_new() -> None:
    assert headline(known_report()) == (
        "PASSED  app.main:app: no new findings; 1 known (oldest 94 days), 1 fixed, 0 new; "
        "1 contract: 1 broken (known); took 360 ms"
    )
    none = sample_reports.report(summary=Summary(known=0, fixed=0, new=0))
    assert headline(none).startswith("PASSED  app.main:app: no findings; 0 known, 0 fixed, 0 new; ")


@pytest.mark.parametrize(("width", "unicode"), [(80, True), (40, False)])
def test_table_lists_known_findings_with_v_alone(width: int, unicode: bool) -> None:
    text = table(known_report(), verbose=1, width=width, unicode=unicode)
    assert max(map(len, text.splitlines())) <= width
    assert unicode or text.isascii()
    words = " ".join(text.split())
    assert "1 known finding" in words
    assert "error[NC303]" in words
    assert "known since 2026-01-01, until 2027-03-01: replaced in spring" in words
    assert "replaced in spring" not in table(known_report(), width=width, unicode=unicode)


def test_phases_and_components_do_not_contradict_the_verdict() -> None:
    text = table(known_report())
    assert "failed (known)" in text
    assert text.count("broken (known)") == 3  # in the first lines, the phases and the components


def test_overviews_and_summaries_say_that_findings_are_known() -> None:
    run = RunReport(reports=(NamedReport(name="web", report=known_report()),), several=True)
    text = RENDERERS["table"](run, RenderOptions())
    assert "web     \u2713 passed  1 broken (known)  360 ms" in text
    page = RENDERERS["html"](run, RenderOptions())
    assert "<td>1 known</td><td>0 of 1, 1 broken (known)</td>" in page
    assert '<li class="phase known">' in page
    assert re.search(r"""phase failed|class="broken"|badge broken""", page) is None
    assert "0 notes, 1 known (oldest 94 days), 1 fixed, 0 new" in RENDERERS["github"](run, RenderOptions())


def test_statistics_count_new_known_and_fixed_findings_by_code() -> None:
    reports = [known_report(), sample_reports.failed()]
    assert statistics.counts_by_code(reports) == [("NC303", 1, 1, 0), ("NC201", 0, 0, 1)]
    assert statistics.lines(reports) == [
        "code   new  known  fixed",
        "NC303    1      1      0",
        "NC201    0      0      1",
    ]
    assert statistics.lines([sample_reports.report()]) == ["no findings"]
    assert "Findings by code" in table(known_report(), statistics=True)
    assert "Findings by code" not in table(known_report())


def test_json_has_known_findings_with_fingerprints_and_is_read_back() -> None:
    report = known_report()
    document = json.loads(RENDERERS["json"](RunReport.of(report), RenderOptions()))
    jsonschema.validate(document, schema())
    (entry,) = document["suppressed"]
    assert entry["finding"]["fingerprint"] == KNOWN.finding.fingerprint
    assert (entry["until"], entry["added"]) == ("2027-03-01", "2026-01-01")
    assert document["stale"][0]["suppression"]["code"] == "NC201"
    assert document["findings"] == []
    assert read_report(document).reports[0].report == report


@given(sample_reports.hostile_text, sample_reports.hostile_text, st.booleans())
def test_hostile_reasons_stay_within_the_table(reason: str, message: str, unicode: bool) -> None:
    finding = KNOWN.finding.model_copy(update={"message": message})
    entry = KNOWN.model_copy(update={"reason": reason, "finding": finding})
    text = table(known_report().model_copy(update={"suppressed": (entry,)}), verbose=1, width=60, unicode=unicode)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert unicode or text.isascii()
