"""The startup in time: a bar for each stage, and within a stage its phases and the writes to the state, magnified."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from netra_contracts.model.report import Report, TimelineEntry
from netra_contracts.reports.table.canvas import Canvas, shown_and_left
from netra_contracts.reports.table.timeline_rows import Row, Scale, TimelineTable, end_of, kind_of
from netra_contracts.reports.wording import duration

_MOST_ROWS = 20
_INDENT = "  "

#: A stage, and the rows of what happened in it.
Magnified = tuple[TimelineEntry, list[Row]]


def draw(page: Canvas, report: Report) -> None:
    """Draw the stages, then each stage in which something happened. The shutdown is magnified with `-v` only."""
    entries = [entry for entry in report.timeline if math.isfinite(end_of(entry))]
    stages = [entry for entry in entries if entry.kind == "stage"]
    if len(entries) < 2 or not stages:
        return
    page.heading("Timeline")
    within = _within(stages, [entry for entry in entries if entry.kind != "stage"])
    magnified = [
        (stage, _rows(page, stage, inside))
        for stage, inside in within
        if inside and (stage.name != "shutdown" or page.verbose > 0)
    ]
    magnified, left = _limited(page, magnified)
    overview = [Row(page.name(stage.name), duration(stage.span_ms or 0.0), stage) for stage in stages]
    titles = [f"{page.name(stage.name)}, magnified" for stage, _ in magnified]
    tracks = TimelineTable(page, [*overview, *(row for _, rows in magnified for row in rows)], titles)
    tracks.draw(overview, Scale(stages[0].ms, max(map(end_of, stages)), tracks.cells))
    for title, (stage, rows) in zip(titles, magnified, strict=True):
        tracks.title(title)
        tracks.draw(rows, Scale(stage.ms, end_of(stage), tracks.cells))
    if left:
        page.paragraph(page.more(left), first=_INDENT)
    _legend(page, [event for _, rows in magnified for row in rows for event in row.events])


def _within(
    stages: Sequence[TimelineEntry], entries: Iterable[TimelineEntry]
) -> list[tuple[TimelineEntry, list[TimelineEntry]]]:
    """Stages, each with the entries that belong to it: it is the last one that had begun."""
    found: list[tuple[TimelineEntry, list[TimelineEntry]]] = [(stage, []) for stage in stages]
    position = 0
    for entry in sorted(entries, key=lambda entry: entry.ms):
        while position + 1 < len(stages) and stages[position + 1].ms <= entry.ms:
            position += 1
        found[position][1].append(entry)
    return found


def _rows(page: Canvas, stage: TimelineEntry, entries: Sequence[TimelineEntry]) -> list[Row]:
    """A row for each marked phase, and one for each component, in the order they first appear."""
    rows: list[Row] = []
    of_component: dict[tuple[bool, str], Row] = {}
    phase: TimelineEntry | None = None
    for entry in entries:
        if entry.kind == "phase":
            phase = entry
            rows.append(Row(f"{page.name(entry.name)} phase", duration(entry.span_ms or 0.0), entry))
            continue
        row = of_component.get((entry.kind == "replace-state", entry.name))
        if row is None:
            inside = phase is not None and entry.ms <= end_of(phase)
            row = Row((_INDENT if inside else "") + (page.name(entry.name) or "the state"))
            of_component[entry.kind == "replace-state", entry.name] = row
            rows.append(row)
        row.events.append(entry)
        # Of a write that was only seen afterwards, no more is known than that.
        row.note = f"{'by ' if entry.compared else ''}+{duration(max(entry.ms - stage.ms, 0.0))}"
    return rows


def _limited(page: Canvas, magnified: Sequence[Magnified]) -> tuple[list[Magnified], int]:
    """The rows that are shown, by stage, and how many are not."""
    shown, left = shown_and_left([row for _, rows in magnified for row in rows], page.most(_MOST_ROWS))
    kept = []
    for stage, rows in magnified:
        if shown > 0:
            kept.append((stage, rows[:shown]))
        shown -= len(rows)
    return kept, left


def _legend(page: Canvas, events: Iterable[TimelineEntry]) -> None:
    """What the marks mean that were used."""
    used = {kind_of(event) for event in events}
    told = [f"{mark} {words}" for words, mark in page.glyphs.marks.items() if words in used]
    if told:
        page.blank()
        page.paragraph(page.prose(", ".join(told), "dim"), first=_INDENT)
