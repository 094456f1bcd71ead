"""The timeline: a bar for each stage and, on a larger scale, the phases and state changes within a stage."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from netra_contracts.model.report import Report, TimelineEntry
from netra_contracts.reports.table.canvas import Canvas, split_at_limit
from netra_contracts.reports.table.timeline_rows import Row, Scale, TimelineTable, end_of, symbol_name
from netra_contracts.reports.wording import duration

_MAX_ROWS = 20
_INDENT = "  "

#: A stage and the rows of its phases and state changes.
Magnified = tuple[TimelineEntry, list[Row]]


def draw(canvas: Canvas, report: Report) -> None:
    """Draw the stages, then each stage that has state changes. The shutdown is magnified only with `-v`."""
    entries = [entry for entry in report.timeline if math.isfinite(end_of(entry))]
    stages = [entry for entry in entries if entry.kind == "stage"]
    if len(entries) < 2 or not stages:
        return
    canvas.heading("Timeline")
    within = _within(stages, [entry for entry in entries if entry.kind != "stage"])
    magnified = [
        (stage, _rows(canvas, stage, inside))
        for stage, inside in within
        if inside and (stage.name != "shutdown" or canvas.verbose > 0)
    ]
    magnified, left = _limited(canvas, magnified)
    overview = [Row(canvas.name(stage.name), duration(stage.span_ms or 0.0), stage) for stage in stages]
    titles = [f"{canvas.name(stage.name)}, magnified" for stage, _ in magnified]
    table = TimelineTable(canvas, [*overview, *(row for _, rows in magnified for row in rows)], titles)
    table.draw(overview, Scale(stages[0].ms, max(map(end_of, stages)), table.cells))
    for title, (stage, rows) in zip(titles, magnified, strict=True):
        table.title(title)
        table.draw(rows, Scale(stage.ms, end_of(stage), table.cells))
    if left:
        canvas.paragraph(canvas.more(left), first=_INDENT)
    _legend(canvas, [event for _, rows in magnified for row in rows for event in row.events])


def _within(
    stages: Sequence[TimelineEntry], entries: Iterable[TimelineEntry]
) -> list[tuple[TimelineEntry, list[TimelineEntry]]]:
    """Return the stages, each with the entries that began after it and before the next stage."""
    found: list[tuple[TimelineEntry, list[TimelineEntry]]] = [(stage, []) for stage in stages]
    position = 0
    for entry in sorted(entries, key=lambda entry: entry.ms):
        while position + 1 < len(stages) and stages[position + 1].ms <= entry.ms:
            position += 1
        found[position][1].append(entry)
    return found


def _rows(canvas: Canvas, stage: TimelineEntry, entries: Sequence[TimelineEntry]) -> list[Row]:
    """Return a row for each marked phase and each component, in the order of their first entries."""
    rows: list[Row] = []
    of_component: dict[tuple[bool, str], Row] = {}
    phase: TimelineEntry | None = None
    for entry in entries:
        if entry.kind == "phase":
            phase = entry
            rows.append(Row(f"{canvas.name(entry.name)} phase", duration(entry.span_ms or 0.0), entry))
            continue
        row = of_component.get((entry.kind == "replace-state", entry.name))
        if row is None:
            inside = phase is not None and entry.ms <= end_of(phase)
            row = Row((_INDENT if inside else "") + (canvas.name(entry.name) or "the state"))
            of_component[entry.kind == "replace-state", entry.name] = row
            rows.append(row)
        row.events.append(entry)
        # A write found by comparison happened at this time or earlier.
        row.note = f"{'by ' if entry.compared else ''}+{duration(max(entry.ms - stage.ms, 0.0))}"
    return rows


def _limited(canvas: Canvas, magnified: Sequence[Magnified]) -> tuple[list[Magnified], int]:
    """Return the rows to show, by stage, and the number of omitted rows."""
    shown, left = split_at_limit([row for _, rows in magnified for row in rows], canvas.limit(_MAX_ROWS))
    kept = []
    for stage, rows in magnified:
        if shown > 0:
            kept.append((stage, rows[:shown]))
        shown -= len(rows)
    return kept, left


def _legend(canvas: Canvas, events: Iterable[TimelineEntry]) -> None:
    """Draw the legend of the symbols that were used."""
    used = {symbol_name(event) for event in events}
    legend = [f"{symbol} {words}" for words, symbol in canvas.glyphs.symbols.items() if words in used]
    if legend:
        canvas.blank()
        canvas.paragraph(canvas.prose(", ".join(legend), "dim"), first=_INDENT)
