"""Markdown: short, folded, bounded, and no text of the target is read as Markdown or HTML."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Blocked, Finding, NotRun
from netra_contracts.model.report import Report
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.reports import RENDERERS, RenderOptions
from netra_contracts.reports.markdown import within
from tests.unit.reports import sample_reports

OPTIONS = RenderOptions(cwd=sample_reports.CWD)


def drawn(report: Report) -> str:
    return RENDERERS["markdown"](RunReport.of(report), OPTIONS)


def finding(number: int, message: str = "m") -> Finding:
    return Finding(code="NC201", severity=Severity.ERROR, message=message, component=f"c{number}")


class Tags(HTMLParser):
    """Collects the tags that are open at the end, and the text outside of `<code>`."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "code" not in self.open:
            self.text += f"[{data}]"


def test_finding_is_folded_with_its_details_and_impacts_come_first() -> None:
    blocks = drawn(sample_reports.with_impact()).split("\n\n")
    assert blocks[0] == (
        "<h3>netra-contracts: FAILED <code>app.main:app</code></h3>\n"
        "<p>1 error; 3 contracts: 2 held and 1 broken; took 360 ms</p>"
    )
    assert blocks[1].startswith("<p><b>What users lose</b></p>\n<ul>\n<li><b>error</b> Users stop seeing")
    assert blocks[2].splitlines()[:2] == [
        "<details>",
        (
            "<summary><b>error</b> NC303: <code>execution_engine_factory._websocket_bridge</code> is None "
            "(<code>app/startup.py:41</code>)</summary>"
        ),
    ]
    assert "<li><b>help</b> build the factory after the bridge</li>" in blocks[2]


def test_blocked_contracts_and_checks_not_run_are_collapsed() -> None:
    report = sample_reports.report(
        blocked=(Blocked(component="bridge", by="startup", reason="startup failed"),),
        not_run=(NotRun(code="NC401", component="pool", reason="no uvicorn"),),
    )
    text = drawn(report)
    assert "<summary>1 check not run</summary>\n<ul>\n<li>NC401 <code>pool</code>: no uvicorn</li>" in text
    assert "<summary>1 contract blocked</summary>\n<ul>\n<li><code>bridge</code>: startup failed</li>" in text


def test_text_is_escaped_and_notifies_nobody() -> None:
    text = drawn(sample_reports.report(findings=(finding(1, "<script> & @ada `x<y@b` **no** \n\n# no"),)))
    assert "&lt;script&gt; &amp; <span>@</span>ada <code>x&lt;y@b</code> **no** # no" in text


@pytest.mark.parametrize("limit", [0, 100, 1000, 5000, 65_536])
def test_length_is_bounded_and_tags_are_closed(limit: int) -> None:
    findings = tuple(finding(n, "\u00e4" * 500) for n in range(1000))
    report = sample_reports.report(findings=findings)
    reports = tuple(NamedReport(name=f"t{n}", report=report) for n in range(3))
    run = RunReport(reports=reports, errors=(TargetError(name="e", exit_code=2, problems=("p",)),), several=True)
    text = within(run, OPTIONS, limit)
    assert len(text.encode()) <= limit
    tags = Tags()
    tags.feed(text)
    assert tags.open == []


def test_each_target_has_its_share_and_says_what_was_left_out() -> None:
    long = sample_reports.report(findings=tuple(finding(n, "m" * 400) for n in range(1000)))
    short = sample_reports.failed()
    run = RunReport(
        reports=(NamedReport(name="long", report=long), NamedReport(name="short", report=short)), several=True
    )
    text = within(run, OPTIONS, 20_000)
    assert "<code>long</code>" in text
    assert "more findings; the JSON report has them" in text
    assert "<code>short</code>" in text
    assert "NC303" in text


def test_many_findings_leave_room_for_checks_not_run() -> None:
    findings = tuple(finding(n, "m" * 400) for n in range(1000))
    entry = NotRun(code="NC401", component="pool", reason="no uvicorn", required=True)
    text = drawn(sample_reports.report(findings=findings, not_run=(entry,)))
    assert len(text.encode()) <= 65_536
    assert "more findings; the JSON report has them" in text
    assert "NC401 <code>pool</code>: no uvicorn" in text
