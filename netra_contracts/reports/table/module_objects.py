"""The objects that modules of the application keep, where its state is empty."""

from __future__ import annotations

from netra_contracts.model.report import Report
from netra_contracts.model.report_of_modules import ModuleObjectReport
from netra_contracts.reports.labels import origin_of
from netra_contracts.reports.table import grid, truncation
from netra_contracts.reports.table.canvas import Canvas, split_at_limit
from netra_contracts.reports.wording import plural

_MAX_OBJECTS = 30
_COLUMNS = (
    grid.Column("object", truncation.module_cut, min_width=16, shrink_order=2),
    grid.Column("type", truncation.type_cut, min_width=8, shrink_order=1, brief=truncation.class_name),
    grid.Column("set by", min_width=7, shrink_order=3),
    grid.Column("where", truncation.path_cut, min_width=12, shrink_order=0),
)


def draw(canvas: Canvas, report: Report) -> None:
    """Draw the objects, those first that startup left None or changed."""
    objects = report.module_objects
    if not objects:
        return
    total = len(objects) + report.more_module_objects
    canvas.heading(plural(total, "module-level object"))
    canvas.paragraph(canvas.prose("The state is empty: the objects are kept in modules.", "dim"), first="  ")
    shown, left = split_at_limit(objects, canvas.limit(_MAX_OBJECTS))
    grid.draw(canvas, _COLUMNS, [_row(canvas, entry) for entry in objects[:shown]])
    if left:
        canvas.paragraph(canvas.more(left), first="  ")
    if report.more_module_objects:
        canvas.paragraph(canvas.prose(f"{report.more_module_objects:,} more were not recorded", "dim"), first="  ")


def _row(canvas: Canvas, entry: ModuleObjectReport) -> list[grid.Cell]:
    return [
        (canvas.name(entry.address), ""),
        ("None", "yellow") if entry.type is None else (canvas.type_name(entry.type), ""),
        (origin_of(entry), ""),
        (canvas.path(entry.location) if entry.location else "", "blue"),
    ]
