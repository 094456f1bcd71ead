"""The table format: verdict, findings, what users lose, then phases, components, isolation, events and timeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from netra_contracts.model.report import Report, Verdict
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.table import (
    components,
    findings,
    footer,
    header,
    impacts,
    isolation_and_events,
    known_findings,
    module_objects,
    overview,
    phases,
    startup_times,
    timeline,
)
from netra_contracts.reports.table.canvas import Canvas


def render(run: RunReport, options: RenderOptions) -> str:
    """Return the report as a table. No line is wider than `options.width`, or than 40 where that is less."""
    if not run.several:
        return "\n".join(_target(named.report, options) for named in run.reports)
    return _overview(run, options) + "".join(_details(run, options))


def _overview(run: RunReport, options: RenderOptions) -> str:
    canvas = Canvas(options)
    overview.draw(canvas, run)
    overview.draw_common(canvas, run)
    if options.verbose == 0:
        overview.draw_hidden(canvas, run)
    return canvas.finished()


def _details(run: RunReport, options: RenderOptions) -> Iterator[str]:
    """Yield what is said about each target: with `-v` everything, else why it did not pass."""
    for named in run.reports:
        if options.verbose > 0 or named.report.exit_code:
            canvas = Canvas(options)
            overview.draw_heading(canvas, named.title)
            body = _target(named.report, options) if options.verbose > 0 else _failure(named.report, options)
            yield f"\n{canvas.finished()}{body}"
    for error in run.errors:
        canvas = Canvas(options)
        overview.draw_error(canvas, error)
        yield f"\n{canvas.finished()}"
    findings = [finding for named in run.reports if named.report.exit_code for finding in named.report.findings]
    if options.verbose == 0 and findings:
        canvas = Canvas(options)
        footer.draw_command(canvas, findings)
        yield f"\n{canvas.finished()}"


def _failure(report: Report, options: RenderOptions) -> str:
    """Return why a target did not pass: its findings, and what a target printed that did not start."""
    started = report.verdict is not Verdict.NOT_STARTED
    canvas = Canvas(replace(options, verbose=-1) if started else options)
    header.draw(canvas, report)
    findings.draw(canvas, report)
    impacts.draw(canvas, report)
    footer.draw_not_run(canvas, report)
    if options.verbose >= 0:
        footer.draw_output(canvas, report)
    return canvas.finished()


def _target(report: Report, options: RenderOptions) -> str:
    canvas = Canvas(options)
    header.draw(canvas, report)
    findings.draw(canvas, report)
    impacts.draw(canvas, report)
    if options.verbose >= 0:
        phases.draw(canvas, report)
        components.draw(canvas, report)
        module_objects.draw(canvas, report)
        isolation_and_events.draw(canvas, report)
        timeline.draw(canvas, report)
    if options.verbose > 0:
        startup_times.draw(canvas, report)
        known_findings.draw(canvas, report)
    if options.statistics:
        known_findings.draw_statistics(canvas, report)
    footer.draw_not_run(canvas, report)
    if options.verbose >= 0:
        footer.draw_output(canvas, report)
        footer.draw_pointer(canvas, report)
    return canvas.finished()
