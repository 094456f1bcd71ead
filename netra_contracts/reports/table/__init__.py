"""The report for people: the verdict, what is wrong and what to do, then how the startup went."""

from __future__ import annotations

from netra_contracts.model.report import Report
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.table import components, findings, footer, header, isolation_and_events, phases, timeline
from netra_contracts.reports.table.canvas import Canvas


def render(report: Report, options: RenderOptions) -> str:
    """Draw a report. No line is wider than `options.width` (of 40 or more), whatever the target called its things."""
    page = Canvas(options)
    header.draw(page, report)
    findings.draw(page, report)
    if options.verbose >= 0:
        phases.draw(page, report)
        components.draw(page, report)
        isolation_and_events.draw(page, report)
        timeline.draw(page, report)
        footer.draw_not_run(page, report)
        footer.draw_notes(page, report)
        footer.draw_output(page, report)
        footer.draw_pointer(page, report)
    return page.finished()
