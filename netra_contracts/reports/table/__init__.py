"""The report for people: the verdict, what is wrong and what to do, then how the startup went."""

from __future__ import annotations

from netra_contracts.model.report import Report
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.table import closing, components, findings, phases, timeline, users, verdict
from netra_contracts.reports.table.page import Page


def render(report: Report, options: RenderOptions) -> str:
    """Draw a report. No line is wider than `options.width` (of 40 or more), whatever the target called its things."""
    page = Page(options)
    verdict.draw(page, report)
    findings.draw(page, report)
    if options.verbose >= 0:
        phases.draw(page, report)
        components.draw(page, report)
        users.draw(page, report)
        timeline.draw(page, report)
        closing.draw_not_run(page, report)
        closing.draw_notes(page, report)
        closing.draw_output(page, report)
        closing.draw_pointer(page, report)
    return page.finished()
