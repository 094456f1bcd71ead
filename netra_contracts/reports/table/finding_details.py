"""The labelled lines under a finding: why it is so, and where tasks and threads stood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from netra_contracts.model.finding import Cause
from netra_contracts.protocol.failures import StackSnapshot
from netra_contracts.reports.table import truncation
from netra_contracts.reports.table.canvas import Canvas, shown_and_left
from netra_contracts.reports.wording import moment

_LABELS = ("why", "stood", "impact", "help", "docs", "then", "blocks")
_LABEL_WIDTH = max(map(len, _LABELS)) + 2
_INDENT = "  "

_MOST_CAUSES = 8
_MOST_STANDS = 6
_MOST_LINES_OF_A_STAND = 3


class LabelledRows:
    """Lines along a gutter. A label is written once, at the first of its lines.

    Attributes:
        room: cells that the text of a line may have.
    """

    def __init__(self, page: Canvas) -> None:
        self._page = page
        self._gutter = f"   {page.glyphs.gutter} "
        self._label = ""
        self.room = page.prose_width - cell_len(self._gutter) - _LABEL_WIDTH

    def sentence(self, label: str, message: str) -> None:
        """A message under a label; an empty one takes no line."""
        if message:
            self.text(label, self._page.prose(message))

    def text(self, label: str, text: Text) -> None:
        """A text in as many lines as it takes."""
        first = self._before(label)
        self._page.paragraph(text, first=first, rest=self._before(label))

    def line(self, label: str, text: Text | str) -> None:
        """A text that is known to fit."""
        self._page.line(self._before(label), text)

    def _before(self, label: str) -> Text:
        if not self._label:
            self._page.line((self._gutter, "blue"))
        told = "" if label == self._label else label
        self._label = label
        return Text.assemble((self._gutter, "blue"), (told.ljust(_LABEL_WIDTH), "bold"))


def draw_causes(page: Canvas, rows: LabelledRows, causes: Sequence[Cause]) -> None:
    """The chain of causes, nearest first, each with its place and time."""
    shown, left = shown_and_left(causes, page.most(_MOST_CAUSES))
    for cause in causes[:shown]:
        rows.text("why", page.prose(cause.message))
        when = "" if cause.ms is None else f"at {moment(cause.ms)}"
        if cause.location is not None:
            place = page.place(cause.location, rows.room - len(_INDENT), f", {when}" if when else "")
            rows.line("why", Text(_INDENT).append_text(place))
        elif when:
            rows.line("why", Text(_INDENT + when, style="dim"))
    if left:
        rows.text("why", page.more(left))


def draw_stacks(page: Canvas, rows: LabelledRows, stands: Sequence[StackSnapshot]) -> None:
    """Where tasks and threads stood, innermost lines first."""
    shown, left = shown_and_left(stands, page.most(_MOST_STANDS))
    for stand in stands[:shown]:
        _stack(page, rows, stand)
    if left:
        kinds = Counter(stand.kind for stand in stands[shown:])
        rows.text("stood", page.more(left, ", ".join(f"{count:,} x {kind}" for kind, count in kinds.most_common())))


def _stack(page: Canvas, rows: LabelledRows, stand: StackSnapshot) -> None:
    kind = f"{'main ' if stand.main else ''}{stand.kind}"
    name = page.cut(truncation.middle_cut, page.name(stand.name), rows.room - len(kind) - len(" ``"))
    rows.line("stood", Text.assemble(kind, " ", (f"`{name}`", "cyan")))
    shown, left = shown_and_left(stand.lines, page.most(_MOST_LINES_OF_A_STAND))
    for location in stand.lines[:shown]:
        rows.line("stood", Text(_INDENT).append_text(page.place(location, rows.room - len(_INDENT))))
    if left:
        rows.line("stood", Text(f"{_INDENT}called from {left:,} more", style="dim"))
