"""The table format: the verdict, the findings, then phases, components, isolation, events and timeline."""

from __future__ import annotations

from netra_contracts.model.report import Report
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.table import components, findings, footer, header, isolation_and_events, phases, timeline
from netra_contracts.reports.table.canvas import Canvas


def render(run: RunReport, options: RenderOptions) -> str:
    """Return the report as a table. No line is wider than `options.width`, or than 40 where that is less."""
    return "\n".join(_target(named.report, options) for named in run.reports)


def _target(report: Report, options: RenderOptions) -> str:
    canvas = Canvas(options)
    header.draw(canvas, report)
    findings.draw(canvas, report)
    if options.verbose >= 0:
        phases.draw(canvas, report)
        components.draw(canvas, report)
        isolation_and_events.draw(canvas, report)
        timeline.draw(canvas, report)
    footer.draw_not_run(canvas, report)
    if options.verbose >= 0:
        footer.draw_output(canvas, report)
        footer.draw_pointer(canvas, report)
    return canvas.finished()
