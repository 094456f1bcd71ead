"""What a startup waited for, and the imports that took longest."""

from __future__ import annotations

from netra_contracts.model.report import Report
from netra_contracts.model.report_of_startup import AwaitReport, ImportReport
from netra_contracts.reports.table import grid, truncation
from netra_contracts.reports.table.canvas import Canvas, split_at_limit
from netra_contracts.reports.wording import duration

_MAX_ROWS = 1  # ten with `-v`, which alone draws them
#: The shortest time that is worth a row, in ms.
_SHORTEST_MS = 1.0
_AWAITS = (
    grid.Column("waited", right=True),
    grid.Column("times", right=True),
    grid.Column("in", truncation.middle_cut, min_width=10, shrink_order=1),
    grid.Column("where", truncation.path_cut, min_width=12, shrink_order=0),
    grid.Column("waits at", truncation.path_cut, min_width=12, shrink_order=0),
)
_IMPORTS = (
    grid.Column("took", right=True),
    grid.Column("by itself", right=True),
    grid.Column("module", truncation.middle_cut, min_width=12, shrink_order=1),
    grid.Column("imported by", truncation.middle_cut, min_width=10, shrink_order=0),
)


def draw(canvas: Canvas, report: Report) -> None:
    """Draw where the lifespan waited, longest first, and the slowest imports."""
    awaits = sorted(report.startup.awaits, key=lambda each: -each.waited_ms)
    awaits = [each for each in awaits if each.waited_ms >= _SHORTEST_MS]
    if awaits:
        _table(canvas, "Awaits of the lifespan", _AWAITS, [_await(canvas, each) for each in awaits])
    if report.startup.slow_imports:
        rows = [_import(canvas, each) for each in report.startup.slow_imports]
        _table(canvas, "Slowest imports", _IMPORTS, rows)


def _table(canvas: Canvas, title: str, columns: tuple[grid.Column, ...], rows: list[list[grid.Cell]]) -> None:
    canvas.heading(title)
    shown, left = split_at_limit(rows, canvas.limit(_MAX_ROWS))
    grid.draw(canvas, columns, rows[:shown])
    if left:
        canvas.paragraph(canvas.more(left), first="  ")


def _await(canvas: Canvas, each: AwaitReport) -> list[grid.Cell]:
    return [
        (duration(each.waited_ms), ""),
        (f"{each.times:,}" if each.times > 1 else "", ""),
        (canvas.name(each.location.function), ""),
        (canvas.path(each.location), "blue"),
        (canvas.path(each.inside) if each.inside is not None else "", "blue"),
    ]


def _import(canvas: Canvas, each: ImportReport) -> list[grid.Cell]:
    return [
        (duration(each.ms), ""),
        (duration(each.self_ms), ""),
        (canvas.name(each.module), "bold" if each.own else ""),
        (canvas.name(each.imported_by), ""),
    ]
