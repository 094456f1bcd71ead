"""Rows of cells in columns, made to fit."""

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
        title: its heading.
        cutter: shortens a cell.
        floor: cells that it keeps when room is short; None: it does not give way.
        gives_way: columns give way in the order of this number.
        right: whether cells stand at the right.
    """

    title: str
    cutter: Callable[[str, int, str], str] = truncation.end_cut
    floor: int | None = None
    gives_way: int = 0
    right: bool = False


#: Text and style.
Cell = tuple[str, str]


def draw(page: Canvas, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
    """Draw rows of clean cells under their titles. A column in which every cell is empty is left out."""
    kept = [position for position in range(len(columns)) if any(row[position][0] for row in rows)]
    columns = [columns[position] for position in kept]
    rows = [[(column.title, "dim") for column in columns], *([row[position] for position in kept] for row in rows)]
    room = page.width - _INDENT - _GAP * (len(columns) - 1)
    widths = fitted(_naturals(rows), columns, room)
    cut = [
        [
            (page.cut(column.cutter, text, width), style)
            for column, width, (text, style) in zip(columns, widths, row, strict=True)
        ]
        for row in rows
    ]
    # What was cut may be shorter than it had to be: the columns move together.
    widths = _naturals(cut)
    for row in cut:
        _row(page, columns, widths, row)


def _naturals(rows: Sequence[Sequence[Cell]]) -> list[int]:
    return [max(cell_len(text) for text, _ in column) for column in zip(*rows, strict=True)]


def fitted(naturals: Sequence[int], columns: Sequence[Column], room: int) -> list[int]:
    """Widths that together take no more than `room`: columns give way down to their floors, in their order.

    Where even that is too wide, the widest ones are cut until it is not.
    """
    widths = list(naturals)
    for position in sorted(range(len(columns)), key=lambda position: columns[position].gives_way):
        floor = columns[position].floor
        excess = sum(widths) - room
        if excess > 0 and floor is not None:
            widths[position] = max(widths[position] - excess, min(floor, widths[position]))
    while sum(widths) > room:
        widest = max(range(len(widths)), key=widths.__getitem__)
        widths[widest] -= 1
    return widths


def _row(page: Canvas, columns: Sequence[Column], widths: Sequence[int], row: Sequence[Cell]) -> None:
    line = Text(" " * _INDENT)
    for position, (column, width, (text, style)) in enumerate(zip(columns, widths, row, strict=True)):
        if position:
            line.append(" " * _GAP)
        padding = " " * (width - cell_len(text))
        line.append(padding if column.right else "").append(text, style=style)
        line.append("" if column.right else padding)
    page.line(line)
