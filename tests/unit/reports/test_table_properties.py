"""Properties of the table for arbitrary text in a report."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from netra_contracts.model.report import Report
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RENDERERS, RenderOptions
from tests.unit.reports import sample_reports

reports = sample_reports.hostile_reports()
options = st.builds(
    RenderOptions,
    width=st.integers(40, 210),
    unicode=st.booleans(),
    verbose=st.integers(-1, 2),
    cwd=st.just(sample_reports.CWD),
)


@settings(max_examples=80, deadline=None)
@given(reports, options)
def test_no_line_is_wider_than_the_width_or_has_unprintable_characters(report: Report, how: RenderOptions) -> None:
    text = RENDERERS["table"](RunReport.of(report), how)
    assert text.endswith("\n")
    lines = text.removesuffix("\n").split("\n")
    assert max(map(cell_len, lines)) <= how.width
    assert all(line.isprintable() and line == line.rstrip() for line in lines)
    text.encode("utf-8" if how.unicode else "ascii")


@settings(max_examples=50, deadline=None)
@given(reports, st.integers(80, 120))
def test_every_code_is_in_the_table_and_root_causes_keep_their_order(report: Report, width: int) -> None:
    text = RENDERERS["table"](RunReport.of(report), RenderOptions(width=width))
    assert set(re.findall(r"\[(NC\d+)\]", text)) >= {finding.code for finding in report.findings}
    roots = [finding.code for finding in report.findings if not finding.caused_by]
    headlines = iter(re.findall(r"^(?:error|warning|note)\[(NC\d+)\]", text, re.MULTILINE))
    assert all(code in headlines for code in roots)


@settings(max_examples=50, deadline=None)
@given(reports, options)
def test_colour_does_not_change_the_text(report: Report, how: RenderOptions) -> None:
    coloured = RenderOptions(how.width, colour=True, unicode=how.unicode, verbose=how.verbose, cwd=how.cwd)
    text = RENDERERS["table"](RunReport.of(report), coloured)
    assert re.sub(r"\x1b\[[\d;]*m", "", text) == RENDERERS["table"](RunReport.of(report), how)
