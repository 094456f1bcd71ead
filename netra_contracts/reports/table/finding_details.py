"""The labelled lines under a finding: causes and stacks of tasks and threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding, SourceLine
from netra_contracts.model.report_of_startup import StageReport
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.failures import StackSnapshot
from netra_contracts.reports.table import truncation
from netra_contracts.reports.table.canvas import Canvas, split_at_limit
from netra_contracts.reports.wording import since_stage

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}

_LABELS = ("calls", "trace", "why", "stack", "impact", "help", "docs", "then", "blocks")
_LABEL_WIDTH = max(map(len, _LABELS)) + 2
_INDENT = "  "

_MAX_CAUSES = 8
_MAX_STACKS = 6
_MAX_STACK_LINES = 3
#: Columns of line numbers; those of longer files take more.
_MIN_NUMBER_WIDTH = 2


class LabelledRows:
    """Lines along a gutter. A label is written once, on the first of its lines.

    Args:
        canvas: what they are drawn on.
        finding: whose lines they are; line numbers of its sources are written left of the gutter.
        drawn: the lines of source that the report has so far: none is drawn twice.

    Attributes:
        available: cells for the text of a line.
    """

    def __init__(self, canvas: Canvas, finding: Finding, drawn: set[tuple[str, int, int]]) -> None:
        self._canvas = canvas
        self._number_width = max(map(len, ("0" * _MIN_NUMBER_WIDTH, *_numbers(finding))))
        self._gutter = f"{' ' * self._number_width} {canvas.glyphs.gutter} "
        self._label = ""
        self._line = finding.location
        self._mark_style = STYLES[finding.severity]
        self._drawn = drawn
        self.available = canvas.prose_width - cell_len(self._gutter) - _LABEL_WIDTH

    def sentence(self, label: str, message: str) -> None:
        """Add a message under a label; an empty message adds no line."""
        if message:
            self.text(label, self._canvas.prose(message))

    def text(self, label: str, text: Text) -> None:
        """Add a text, wrapped."""
        first = self._before(label)
        self._canvas.paragraph(text, first=first, rest=self._before(label))

    def line(self, label: str, text: Text | str) -> None:
        """Add a text that fits in one line."""
        self._canvas.line(self._before(label), text)

    def arrow(self) -> Text:
        """Return what precedes the location of the finding."""
        return Text(f"{' ' * self._number_width}--> ", style="blue")

    def has_location(self, location: Location) -> bool:
        """Return whether a line of source is that of the finding."""
        return self._line is not None and (location.file, location.line) == (self._line.file, self._line.line)

    def source(self, location: Location | None, source: SourceLine | None, indent: str = "", mark: str = "") -> None:
        """Add a line of source under its number, unless it has been drawn; with `mark`, its part is underlined."""
        if location is None or source is None:
            return
        key = (location.file, location.line, source.start)
        if key in self._drawn:
            return
        self._drawn.add(key)
        indent = " " * _LABEL_WIDTH + indent
        before, part, after = self._canvas.source_text(source, self._canvas.width - len(self._gutter) - len(indent))
        number = f"{location.line:>{self._number_width}} {self._canvas.glyphs.gutter} "
        self._canvas.line((number, "blue"), indent, before, (part, "bold"), after)
        if mark and part:
            marks = " " * cell_len(before) + mark * cell_len(part)
            self._canvas.line((self._gutter, "blue"), indent, (marks, self._mark_style))

    def _before(self, label: str) -> Text:
        if not self._label:
            self._canvas.line((self._gutter, "blue"))
        shown = "" if label == self._label else label
        self._label = label
        return Text.assemble((self._gutter, "blue"), (shown.ljust(_LABEL_WIDTH), "bold"))


def _numbers(finding: Finding) -> Iterator[str]:
    lines = [(finding.location, finding.source), *((cause.location, cause.source) for cause in finding.causes)]
    for location, source in lines:
        if location is not None and source is not None:
            yield str(location.line)


def draw_causes(canvas: Canvas, rows: LabelledRows, causes: Sequence[Cause], stages: Sequence[StageReport]) -> None:
    """Draw the causes, nearest first, each with its location and the time since its stage began."""
    shown, left = split_at_limit(causes, canvas.limit(_MAX_CAUSES))
    for cause in causes[:shown]:
        when = "" if cause.ms is None else since_stage(cause.ms, stages)
        message = canvas.prose(cause.message)
        if cause.location is None or rows.has_location(cause.location):
            rows.text("why", message.append(f", {when}" if when else "", style="dim"))
        else:
            rows.text("why", message)
            _draw_location(canvas, rows, cause.location, cause.source, when)
        if canvas.verbose > 0 and cause.trace not in ((), (cause.location,)):
            _lines(canvas, rows, "why", cause.trace)
    if left:
        rows.text("why", canvas.more(left))


def _draw_location(
    canvas: Canvas, rows: LabelledRows, location: Location, source: SourceLine | None, when: str
) -> None:
    note = f", {when}" if when else ""
    source_line = canvas.source_line(location, rows.available - len(_INDENT), note)
    rows.line("why", Text(_INDENT).append_text(source_line))
    rows.source(location, source, _INDENT)


def draw_calls(canvas: Canvas, rows: LabelledRows, finding: Finding) -> None:
    """Draw the calls that led to an exception, outermost first; with `-v` also the whole traceback."""
    if len(finding.calls) > 1:
        *outer, last = finding.calls
        steps = [f"{name} ({canvas.path(call)})" if (name := _function(call)) else canvas.path(call) for call in outer]
        chain = " -> ".join([*steps, _function(last) or canvas.path(last)])
        rows.text("calls", Text(canvas.name(chain), style="dim"))
    if canvas.verbose > 0:
        _lines(canvas, rows, "trace", finding.trace)


def _function(call: Location) -> str:
    return call.function if call.function != "<module>" else ""


def _lines(canvas: Canvas, rows: LabelledRows, label: str, trace: Sequence[Location]) -> None:
    for location in trace:
        line = canvas.source_line(location, rows.available - len(_INDENT), full=False)
        rows.line(label, Text(_INDENT).append_text(line))


def draw_stacks(canvas: Canvas, rows: LabelledRows, stacks: Sequence[StackSnapshot]) -> None:
    """Draw the stacks of tasks and threads, innermost frame first."""
    shown, left = split_at_limit(stacks, canvas.limit(_MAX_STACKS))
    for stack in stacks[:shown]:
        _stack(canvas, rows, stack)
    if left:
        kinds = Counter(stack.kind for stack in stacks[shown:])
        rows.text("stack", canvas.more(left, ", ".join(f"{count:,} x {kind}" for kind, count in kinds.most_common())))


def _stack(canvas: Canvas, rows: LabelledRows, stack: StackSnapshot) -> None:
    kind = f"{'main ' if stack.main else ''}{stack.kind}"
    name = canvas.cut(truncation.middle_cut, canvas.name(stack.name), rows.available - len(kind) - len(" ``"))
    rows.line("stack", Text.assemble(kind, " ", (f"`{name}`", "cyan")))
    shown, left = split_at_limit(stack.lines, canvas.limit(_MAX_STACK_LINES))
    for location in stack.lines[:shown]:
        rows.line("stack", Text(_INDENT).append_text(canvas.source_line(location, rows.available - len(_INDENT))))
    if left:
        rows.line("stack", Text(f"{_INDENT}called from {left:,} more", style="dim"))
