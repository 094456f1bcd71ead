"""The labelled lines under a finding: causes and stacks of tasks and threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from netra_contracts.model.finding import Cause
from netra_contracts.protocol.failures import StackSnapshot
from netra_contracts.reports.table import truncation
from netra_contracts.reports.table.canvas import Canvas, split_at_limit
from netra_contracts.reports.wording import moment

_LABELS = ("why", "stack", "impact", "help", "docs", "then", "blocks")
_LABEL_WIDTH = max(map(len, _LABELS)) + 2
_INDENT = "  "

_MAX_CAUSES = 8
_MAX_STACKS = 6
_MAX_STACK_LINES = 3


class LabelledRows:
    """Lines along a gutter. A label is written once, on the first of its lines.

    Attributes:
        available: cells for the text of a line.
    """

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._gutter = f"   {canvas.glyphs.gutter} "
        self._label = ""
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

    def _before(self, label: str) -> Text:
        if not self._label:
            self._canvas.line((self._gutter, "blue"))
        shown = "" if label == self._label else label
        self._label = label
        return Text.assemble((self._gutter, "blue"), (shown.ljust(_LABEL_WIDTH), "bold"))


def draw_causes(canvas: Canvas, rows: LabelledRows, causes: Sequence[Cause]) -> None:
    """Draw the causes, nearest first, each with its location and time."""
    shown, left = split_at_limit(causes, canvas.limit(_MAX_CAUSES))
    for cause in causes[:shown]:
        rows.text("why", canvas.prose(cause.message))
        when = "" if cause.ms is None else f"at {moment(cause.ms)}"
        if cause.location is not None:
            source_line = canvas.source_line(cause.location, rows.available - len(_INDENT), f", {when}" if when else "")
            rows.line("why", Text(_INDENT).append_text(source_line))
        elif when:
            rows.line("why", Text(_INDENT + when, style="dim"))
    if left:
        rows.text("why", canvas.more(left))


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
