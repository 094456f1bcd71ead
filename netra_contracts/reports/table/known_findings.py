"""Findings that are suppressed, and how many findings each code has."""

from __future__ import annotations

from netra_contracts.model.report import Report
from netra_contracts.model.suppression import Suppressed
from netra_contracts.reports import statistics
from netra_contracts.reports.table import grid
from netra_contracts.reports.table.canvas import Canvas, split_at_limit
from netra_contracts.reports.wording import plural

_MAX_KNOWN = 50


def draw(canvas: Canvas, report: Report) -> None:
    """Draw each suppressed finding with the reason why it is accepted."""
    if not report.suppressed:
        return
    canvas.heading(plural(len(report.suppressed), "known finding").capitalize())
    shown, left = split_at_limit(report.suppressed, canvas.limit(_MAX_KNOWN))
    for entry in report.suppressed[:shown]:
        finding = entry.finding
        where = f" ({canvas.path(finding.location)})" if finding.location is not None else ""
        message = canvas.prose(f"{finding.severity.value}[{finding.code}] {finding.message}{where}")
        canvas.paragraph(message, first="  ", rest="    ")
        canvas.paragraph(canvas.prose(_accepted(entry), "dim"), first="    ", rest="      ")
    if left:
        canvas.paragraph(canvas.more(left), first="  ")


def _accepted(entry: Suppressed) -> str:
    """Return `known since 2026-02-01, until 2027-03-01: the reason`."""
    since = f" since {entry.added}" if entry.added is not None else f" in the {entry.source}"
    until = f", until {entry.until}" if entry.until is not None else ""
    return f"known{since}{until}: {entry.reason}"


def draw_statistics(canvas: Canvas, report: Report) -> None:
    """Draw how many findings each code has."""
    counts = statistics.counts_by_code([report])
    canvas.heading("Findings by code")
    if not counts:
        canvas.paragraph(canvas.prose("no findings"), first="  ")
        return
    columns = [grid.Column(title, right=position > 0) for position, title in enumerate(statistics.TITLES)]
    rows = [
        [(canvas.name(each.code), ""), *((f"{count:,}", "") for count in (each.new, each.known, each.fixed))]
        for each in counts
    ]
    grid.draw(canvas, columns, rows)
