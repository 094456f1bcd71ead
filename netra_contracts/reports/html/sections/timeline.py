"""The timeline: a bar for each stage and, on a larger scale, the phases and state changes within a stage."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from netra_contracts.model.report import TimelineEntry
from netra_contracts.model.report_of_startup import StageReport
from netra_contracts.reports.html import svg
from netra_contracts.reports.html.context import Section, TargetPage, heading
from netra_contracts.reports.html.elements import Child, Markup, element, joined
from netra_contracts.reports.html.parts import location_text, row, table
from netra_contracts.reports.html.sections import startup_times
from netra_contracts.reports.labels import outcome_of
from netra_contracts.reports.wording import duration, plural

#: Rows of a stage. `--format json` has all state changes.
_MAX_ROWS = 300
#: The share of a stage that passes before a state change which is worth a mention.
_LONG = 0.05
#: The shortest bar before a state change, in per cent of its track: a shorter one is behind the mark.
_SEEN = 1.0
_LETTERS = {"delete": "\u00d7", "read": "?"}
_CHANGES = {"delete": "deleted", "read": "read, but not there", "replace-state": "state replaced"}


@dataclass
class _Row:
    """The span of a phase, or the state changes of one component within a stage."""

    name: str
    span: TimelineEntry | None = None
    changes: list[TimelineEntry] = field(default_factory=list)


@dataclass(frozen=True)
class _Scale:
    """Maps times in ms to per cent of a track."""

    start: float
    end: float

    def at(self, ms: float) -> float:
        share = (ms - self.start) / (self.end - self.start) if self.end > self.start else 0.0
        return 100 * min(max(share, 0.0), 1.0)


def draw(page: TargetPage) -> Section | None:
    """Return the stages, then each stage that has phases or state changes."""
    entries = [entry for entry in page.report.timeline if math.isfinite(_end(entry))]
    spans = [entry for entry in entries if entry.kind == "stage"]
    if not spans:
        return None
    stages: dict[str, StageReport] = {stage.name: stage for stage in page.report.startup.stages}
    whole = _Scale(spans[0].ms, max(map(_end, spans)))
    overview = table(
        "Stages",
        ("Stage", "Timeline", "Took"),
        [_stage(span, stages.get(span.name), whole) for span in spans],
        "timeline",
    )
    parts: list[Child] = [_explanation(spans), overview]
    inside = _within(spans, [entry for entry in entries if entry.kind != "stage"])
    for span, found in zip(spans, inside, strict=True):
        if found:
            parts.append(_magnified(page, span, found))
    parts += [startup_times.awaits(page), startup_times.imports(page)]
    return Section("timeline", "Timeline", joined(parts))


def _explanation(spans: Sequence[TimelineEntry]) -> Markup | None:
    """What the two parts of a bar are."""
    if all(span.busy_ms is None for span in spans):
        return None
    return element(
        "p",
        element("span", element("span", class_="key busy"), " busy: processor time of the process"),
        " ",
        element(
            "span", element("span", class_="key waiting"), " waiting: for the network, other processes or a processor"
        ),
        class_="legend",
    )


def _end(entry: TimelineEntry) -> float:
    return entry.ms + (entry.span_ms or 0.0)


def _stage(span: TimelineEntry, stage: StageReport | None, scale: _Scale) -> Markup:
    outcome = outcome_of(stage) if stage is not None else ""
    name = [element("code", span.name), element("span", outcome, class_="outcome") if outcome else None]
    return row(name, svg.track([_bar(span, scale)]), _took(span))


def _took(span: TimelineEntry) -> list[Child]:
    ms = span.span_ms or 0.0
    shown: list[Child] = [element("span", duration(ms), class_="number")]
    if span.busy_ms is not None and ms >= 1:
        waited = max(ms - span.busy_ms, 0.0)
        parts = f"busy {duration(span.busy_ms)}" + (f", waited {duration(waited)}" if waited >= ms / 50 else "")
        shown.append(element("span", parts, class_="muted"))
    return shown


def _bar(span: TimelineEntry, scale: _Scale) -> Markup:
    """A bar whose busy part is first, since the order within the span is unknown."""
    share = 1.0
    if span.busy_ms is not None and span.span_ms:
        share = min(span.busy_ms / span.span_ms, 1.0)
    return svg.bar(scale.at(span.ms), scale.at(_end(span)), span.kind, share)


def _within(spans: Sequence[TimelineEntry], entries: Iterable[TimelineEntry]) -> list[list[TimelineEntry]]:
    """For each stage, the entries that began after it and before the next stage."""
    found: list[list[TimelineEntry]] = [[] for _ in spans]
    position = 0
    for entry in sorted(entries, key=lambda entry: entry.ms):
        while position + 1 < len(spans) and spans[position + 1].ms <= entry.ms:
            position += 1
        found[position].append(entry)
    return found


def _rows(entries: Sequence[TimelineEntry]) -> list[_Row]:
    """A row for each marked phase and each component, in the order of their first entries."""
    rows: list[_Row] = []
    of_component: dict[tuple[bool, str], _Row] = {}
    for entry in entries:
        if entry.kind == "phase":
            rows.append(_Row(entry.name, span=entry))
            continue
        key = (entry.kind == "replace-state", entry.name)
        if key not in of_component:
            of_component[key] = _Row(entry.name)
            rows.append(of_component[key])
        of_component[key].changes.append(entry)
    return rows


def _magnified(page: TargetPage, stage: TimelineEntry, entries: Sequence[TimelineEntry]) -> Markup:
    rows = _rows(entries)
    scale = _Scale(stage.ms, _end(stage))
    shown = rows[:_MAX_ROWS]
    drawn = [_line(page, line, stage, scale) for line in shown]
    title = f"{stage.name}, magnified"
    left = len(rows) - len(shown)
    more = element("p", f"and {left:,} more; --format json has all", class_="muted") if left else None
    columns = ("Phase or component", "Timeline", "When")
    return joined([heading(page.level + 1, title), _legend(entries), table(title, columns, drawn, "timeline"), more])


def _legend(entries: Sequence[TimelineEntry]) -> Markup:
    """What the marks are, of those that are drawn; and the bars before them."""
    changes = {_word(entry): entry for entry in entries if entry.kind != "phase"}
    keys = [(element("span", _sample(change), f" {word}"), " ") for word, change in changes.items()]
    timed = any(entry.since_ms is not None and entry.busy_ms is not None for entry in changes.values())
    bar = element("span", element("span", class_="key change"), " time since the change before") if timed else None
    return element("p", keys, bar, class_="legend")


def _sample(change: TimelineEntry) -> Markup:
    return element("svg", _symbol(change, 50), class_="key", width=16, height=16, aria_hidden="true")


def _line(page: TargetPage, line: _Row, stage: TimelineEntry, scale: _Scale) -> Markup:
    span = line.span
    if span is None:
        return _changes(page, line, stage, scale)
    return row(f"{line.name} phase", svg.track([_bar(span, scale)]), _took(span))


def _changes(page: TargetPage, line: _Row, stage: TimelineEntry, scale: _Scale) -> Markup:
    last = line.changes[-1]
    words = [_word(change) for change in line.changes]
    kinds = ", ".join(dict.fromkeys(words)) if set(words) != {"set"} else ""
    count = f"{plural(len(words), 'change')}: " if len(words) > 1 and kinds else ""
    when: list[Child] = [
        element("span", f"{'by ' if last.compared else ''}+{duration(max(last.ms - stage.ms, 0.0))}", class_="number"),
        location_text(last.location, page.options) if last.location is not None else None,
        element("span", f"{count}{kinds}", class_="muted") if kinds else None,
        _time_before(line.changes[0], stage),
    ]
    marks = [_mark(change, scale) for change in line.changes[-_MAX_ROWS:]]
    track = svg.track([_bar_before(line.changes[0], scale), *marks])
    return row(element("code", line.name or "the state"), track, when)


def _bar_before(change: TimelineEntry, scale: _Scale) -> Markup | None:
    """A bar for the time since the change before, or since the stage began."""
    since, busy = change.since_ms, change.busy_ms
    if since is None or busy is None or scale.at(change.ms) - scale.at(change.ms - since) < _SEEN:
        return None
    return svg.bar(scale.at(change.ms - since), scale.at(change.ms), "change", min(busy / since, 1.0))


def _time_before(change: TimelineEntry, stage: TimelineEntry) -> Markup | None:
    """What happened before a state change that came late: whether the process was busy or waited."""
    since, span = change.since_ms, stage.span_ms
    if since is None or change.busy_ms is None or not span or since < max(1.0, span * _LONG):
        return None
    waited = max(since - change.busy_ms, 0.0)
    return element("span", f"busy {duration(change.busy_ms)}, waited {duration(waited)}", class_="muted")


def _word(change: TimelineEntry) -> str:
    return _CHANGES.get(change.kind, "set to None" if change.is_none else "set")


def _mark(change: TimelineEntry, scale: _Scale) -> Markup:
    """A symbol for a state change; its shape says what it is."""
    return _symbol(change, scale.at(change.ms))


def _symbol(change: TimelineEntry, x: float) -> Markup:
    if change.kind in _LETTERS:
        return svg.letter(x, "mark-bad", _LETTERS[change.kind])
    hollow = change.is_none or change.kind == "replace-state"
    return svg.dot(x, "mark-none" if hollow else "mark-set", hollow=hollow)
