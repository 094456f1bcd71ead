"""The rows of the timeline: bars and symbols on a scale of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.text import Text

from netra_contracts.model.report import TimelineEntry
from netra_contracts.reports.table import truncation
from netra_contracts.reports.table.canvas import Canvas

_INDENT = "  "
_GAP = "  "
_MAX_LABEL_WIDTH = 32
_STYLES = {
    "set": "green",
    "set to None": "yellow",
    "deleted": "red",
    "read, but not there": "red",
    "state replaced": "yellow",
}


def end_of(entry: TimelineEntry) -> float:
    """Return the end of a span or the time of a state change, in ms."""
    return entry.ms + (entry.span_ms or 0.0)


def symbol_name(event: TimelineEntry) -> str:
    """Return the kind of a state change, in the words of the legend."""
    words = {"delete": "deleted", "read": "read, but not there", "replace-state": "state replaced"}
    return words.get(event.kind, "set to None" if event.is_none else "set")


@dataclass
class Row:
    """One line: the span of a stage or phase, or the state changes of one component within a stage."""

    label: str
    note: str = ""
    span: TimelineEntry | None = None
    events: list[TimelineEntry] = field(default_factory=list)


@dataclass(frozen=True)
class Scale:
    """Maps times in ms to half cells."""

    start: float
    end: float
    cells: int

    def half(self, ms: float) -> int:
        """Return the half cell of a time, from 0 to twice the number of cells."""
        span = self.end - self.start
        share = (ms - self.start) / span if span > 0 else 0.0
        return round(min(max(share, 0.0), 1.0) * 2 * self.cells)

    def cell(self, ms: float) -> int:
        """Return the cell of a time."""
        return min(self.half(ms) // 2, self.cells - 1)


class TimelineTable:
    """Rows of label, track and note, with one layout for all scales so that they are aligned.

    Attributes:
        cells: width of the track.
    """

    def __init__(self, canvas: Canvas, rows: Sequence[Row], titles: Iterable[str]) -> None:
        self._canvas = canvas
        longest = max([*(cell_len(row.label) for row in rows), *map(cell_len, titles)])
        self._label = min(longest, _MAX_LABEL_WIDTH, canvas.width * 2 // 5)
        self._note = max(cell_len(row.note) for row in rows)
        self.cells = canvas.width - len(_INDENT) - self._label - 2 * len(_GAP) - self._note

    def title(self, title: str) -> None:
        """Add a title for the rows below it, after an empty line."""
        self._canvas.blank()
        self._canvas.line(_INDENT, (self._canvas.cut(truncation.end_cut, title, self._label), "bold"))

    def draw(self, rows: Iterable[Row], scale: Scale) -> None:
        """Draw rows on a scale."""
        for row in rows:
            label = self._canvas.cut(truncation.middle_cut, row.label, self._label)
            padding = " " * (self._label - cell_len(label))
            track = self._draw_symbols(row.events, scale) if row.span is None else self._draw_bar(row.span, scale)
            self._canvas.line(_INDENT, label, padding, _GAP, track, _GAP, (row.note.rjust(self._note), "dim"))

    def _draw_bar(self, span: TimelineEntry, scale: Scale) -> Text:
        """Return a bar in half cells, at least one half cell long."""
        glyphs = self._canvas.glyphs
        start = min(scale.half(span.ms), 2 * scale.cells - 1)
        end = max(scale.half(end_of(span)), start + 1)
        cells = [" "] * scale.cells
        for position in range(start // 2, (end + 1) // 2):
            cells[position] = glyphs.bar
        if end % 2:
            cells[end // 2] = glyphs.bar_end
        if start % 2:
            cells[start // 2] = glyphs.bar_start
        return Text("".join(cells), style="magenta" if span.kind == "phase" else "blue")

    def _draw_symbols(self, events: Iterable[TimelineEntry], scale: Scale) -> Text:
        """Return a symbol for each state change; of two in one cell, the later one."""
        cells = [(" ", "")] * scale.cells
        for event in events:
            kind = symbol_name(event)
            cells[scale.cell(event.ms)] = (self._canvas.glyphs.symbols[kind], _STYLES[kind])
        return Text.assemble(*cells)
