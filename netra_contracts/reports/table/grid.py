"""Cells in columns that fit the width of the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from netra_contracts.reports.table import truncation
from netra_contracts.reports.table.canvas import Canvas

_GAP = 2
_INDENT = 2


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        title: heading of the column.
        truncate: function that shortens a cell.
        min_width: cells that the column keeps when it is narrowed; None: it is not narrowed.
        shrink_order: columns with lower numbers are narrowed first.
        right: whether cells are aligned to the right.
        brief: function that returns the essential part of a cell. Before any column is narrowed further, this one is
            narrowed to the widest of these parts.
    """

    title: str
    truncate: Callable[[str, int, str], str] = truncation.end_cut
    min_width: int | None = None
    shrink_order: int = 0
    right: bool = False
    brief: Callable[[str], str] | None = None


#: Text and style.
Cell = tuple[str, str]


def draw(canvas: Canvas, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
    """Draw rows of clean cells under their titles. A column whose cells are all empty is omitted."""
    kept = [position for position in range(len(columns)) if any(row[position][0] for row in rows)]
    columns = [columns[position] for position in kept]
    rows = [[(column.title, "dim") for column in columns], *([row[position] for position in kept] for row in rows)]
    available = canvas.width - _INDENT - _GAP * (len(columns) - 1)
    briefs = [
        max(cell_len(column.brief(row[position][0]) if column.brief else row[position][0]) for row in rows)
        for position, column in enumerate(columns)
    ]
    widths = fit_widths(narrowed(_natural_widths(rows), briefs, available), columns, available)
    cut = [
        [
            (canvas.cut(column.truncate, text, width), style)
            for column, width, (text, style) in zip(columns, widths, row, strict=True)
        ]
        for row in rows
    ]
    # A truncated cell may be shorter than its width: remove the gap.
    widths = _natural_widths(cut)
    for row in cut:
        _row(canvas, columns, widths, row)


def _natural_widths(rows: Sequence[Sequence[Cell]]) -> list[int]:
    return [max(cell_len(text) for text, _ in column) for column in zip(*rows, strict=True)]


def narrowed(widths: Sequence[int], floors: Sequence[int], available: int) -> list[int]:
    """Return widths whose sum is at most `available` if that is possible without going below the floors."""
    result = list(widths)
    for position, floor in enumerate(floors):
        excess = sum(result) - available
        result[position] = max(result[position] - max(excess, 0), floor)
    return result


def fit_widths(natural_widths: Sequence[int], columns: Sequence[Column], available: int) -> list[int]:
    """Return widths whose sum is at most `available`: columns are narrowed in their order, down to their minimum.

    If that is not enough, the widest columns are narrowed further.
    """
    widths = list(natural_widths)
    for position in sorted(range(len(columns)), key=lambda position: columns[position].shrink_order):
        min_width = columns[position].min_width
        excess = sum(widths) - available
        if excess > 0 and min_width is not None:
            widths[position] = max(widths[position] - excess, min(min_width, widths[position]))
    while sum(widths) > available:
        widest = max(range(len(widths)), key=widths.__getitem__)
        widths[widest] -= 1
    return widths


def _row(canvas: Canvas, columns: Sequence[Column], widths: Sequence[int], row: Sequence[Cell]) -> None:
    line = Text(" " * _INDENT)
    for position, (column, width, (text, style)) in enumerate(zip(columns, widths, row, strict=True)):
        if position:
            line.append(" " * _GAP)
        padding = " " * (width - cell_len(text))
        line.append(padding if column.right else "").append(text, style=style)
        line.append("" if column.right else padding)
    canvas.line(line)
