from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from netra_contracts.model.comparison import compare_runs
from netra_contracts.model.report import Report, Verdict
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.diff import DIFF_RENDERERS
from tests.unit.reports import sample_reports
from tests.unit.reports.sample_reports import CWD, NC303

#: Every element that a comment may have.
ELEMENTS = {"h3", "p", "b", "br", "ul", "li", "code", "details", "summary", "span"}


class Elements(HTMLParser):
    """Collects the elements of a page, and those that are not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs
        self.found.add(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def drawn(before: RunReport, after: RunReport) -> str:
    return DIFF_RENDERERS["markdown"](compare_runs(before, after), RenderOptions(cwd=CWD))


def of(report: Report) -> RunReport:
    return RunReport.of(report)


def test_new_finding_is_listed_with_its_line() -> None:
    text = drawn(of(sample_reports.report()), of(sample_reports.failed()))
    assert text.startswith("<h3>netra-contracts: FAILED, was PASSED <code>app.main:app</code></h3>\n<p>1 new finding")
    assert "<p><b>New</b></p>\n<ul>\n<li><b>error</b> NC303: <code>execution_engine_factory" in text
    assert "(<code>app/startup.py:41</code>)</li>\n" in text


def test_finding_that_no_longer_occurs_is_listed_as_fixed_or_unchecked() -> None:
    fixed = sample_reports.failed().model_copy(update={"findings": ()})
    assert "<p><b>Fixed</b></p>" in drawn(of(sample_reports.failed()), of(fixed))
    failed = fixed.model_copy(update={"verdict": Verdict.NOT_STARTED})
    text = drawn(of(sample_reports.failed()), of(failed))
    assert "<p><b>No longer checked</b></p>" in text
    assert ": the target did not start</li>" in text


def test_differences_of_components_and_times_are_folded() -> None:
    text = drawn(of(sample_reports.failed()), of(sample_reports.changed(sample_reports.failed())))
    assert "<summary>3 components differ</summary>" in text
    assert "<li><code>agent_websocket_bridge</code> order: <code>after execution_engine_factory</code>, now" in text
    assert "<li>import: 310 ms, now 310 ms, none</li>" in text


def test_targets_of_one_run_only_are_listed() -> None:
    named = NamedReport(name="api", report=sample_reports.report())
    before = RunReport(reports=(named, named.model_copy(update={"name": "jobs"})), several=True)
    wrong = TargetError(name="jobs", exit_code=2, problems=("no <file>",))
    text = drawn(before, RunReport(reports=(named,), errors=(wrong,), several=True))
    assert "<p><code>jobs</code> could not be checked: no &lt;file&gt;</p>" in text


def test_comment_is_cut_at_the_limit_of_a_comment() -> None:
    many = tuple(
        NC303.model_copy(update={"subject": str(number), "message": "x" * 1000 + "`y`" * 300}) for number in range(300)
    )
    runs = [
        RunReport(
            reports=tuple(
                NamedReport(name=f"api{number}", report=sample_reports.report(findings=findings)) for number in range(9)
            ),
            several=True,
        )
        for findings in ((), many)
    ]
    text = drawn(*runs)
    assert len(text.encode()) <= 65_536
    assert text.endswith("<p>The rest does not fit; the JSON document has it.</p>\n")
    assert Elements(text).open == []


@pytest.mark.slow
@settings(max_examples=60)
@given(sample_reports.hostile_reports())
def test_text_of_the_target_is_never_markup(report: Report) -> None:
    text = drawn(of(report), of(sample_reports.changed(report)))
    elements = Elements(text)
    assert elements.found <= ELEMENTS
    assert elements.open == []
    # Markdown begins after an empty line: no text of the target has one, or is at the beginning of a line.
    assert {line[:1] for line in text.splitlines() if line} == {"<"}
    assert not re.search(r"(?<!<span>)@", re.sub(r"<code>.*?</code>", "", text))
