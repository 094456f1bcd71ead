"""What the sections of a report are drawn on: it knows width and characters, and every line it adds fits."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from netra_contracts.model.finding import SourceLine
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.table import truncation
from netra_contracts.reports.wording import clean, limited, printed, relative, sentence

#: A report is not drawn narrower than this.
_MIN_WIDTH = 40
#: Columns of a sentence on a wide terminal: longer lines are hard to read.
_MAX_PROSE_WIDTH = 100
#: Characters of one message; `-vv` and the JSON report have the whole message.
_MAX_MESSAGE_LENGTH = 800
_QUOTED = re.compile(r"`[^`]+`")
#: A space between a number and its unit, at which a paragraph is not broken, and what it is replaced by meanwhile:
#: a character of the private use area, which clean text does not contain.
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:ms|s)\b)")
_UNBROKEN = "\ue000"
#: Folders of the standard library and of installed packages.
_LIBRARY = re.compile(r"^/.*/(?:(?:site|dist)-packages|lib/python3\.\d+)/")


@dataclass(frozen=True)
class Glyphs:
    """The characters that reports are drawn with. `symbols` are one cell wide; `icons` precede a word."""

    ellipsis: str
    rule: str
    gutter: str
    bar: str
    bar_start: str
    bar_end: str
    symbols: dict[str, str]
    icons: dict[str, str]


UNICODE = Glyphs(
    ellipsis="…",
    rule="─",
    gutter="│",
    bar="━",
    bar_start="╺",
    bar_end="╸",
    symbols={"set": "◆", "set to None": "◇", "deleted": "✕", "read, but not there": "?", "state replaced": "↻"},
    icons={"passed": "✓ ", "failed": "✗ ", "blocked": "‖ ", "not_run": "? ", "empty": "· "},
)
ASCII = Glyphs(
    ellipsis="...",
    rule="-",
    gutter="|",
    bar="=",
    bar_start="=",
    bar_end="=",
    symbols={"set": "*", "set to None": "o", "deleted": "x", "read, but not there": "?", "state replaced": "@"},
    icons={},
)


class Canvas:
    """The lines of a report. Data enters only through methods that clean it.

    Attributes:
        width: columns of a line.
        glyphs: the characters to draw with.
        verbose: as in `RenderOptions`.
    """

    def __init__(self, options: RenderOptions) -> None:
        self.width = max(options.width, _MIN_WIDTH)
        self.glyphs = UNICODE if options.unicode else ASCII
        self.verbose = options.verbose
        self._options = options
        self._lines: list[Text] = []
        # The command line has already read the environment; the console must not read it again.
        self._console = Console(
            file=io.StringIO(),
            width=self.width,
            color_system="standard" if options.colour else None,
            force_terminal=options.colour,
            force_jupyter=False,
            force_interactive=False,
            legacy_windows=False,
            no_color=not options.colour,
            markup=False,
            emoji=False,
            highlight=False,
            _environ={},
        )

    # Data

    def name(self, name: str) -> str:
        """Return a name in full, with unprintable characters escaped."""
        return clean(name, ascii_only=not self._options.unicode)

    def prose(self, message: str, style: str = "") -> Text:
        """Return a message as one paragraph, with text in backticks highlighted."""
        shown = sentence(message, ascii_only=not self._options.unicode)
        if self.verbose < 2:
            shown = limited(shown, _MAX_MESSAGE_LENGTH, f" {self.glyphs.ellipsis} ")
        text = Text(shown, style=style)
        text.highlight_regex(_QUOTED, "cyan")
        return text

    def printed(self, line: str) -> str:
        """Return a line that the target printed, cleaned."""
        return printed(line, ascii_only=not self._options.unicode)

    def path(self, location: Location, *, full: bool = True) -> str:
        """Return `app/startup.py:41`: relative to the current folder or, for a library, to its folder."""
        file = self.name(relative(location.file, self._options.cwd))
        if self.verbose <= 0 or not full:
            file = _LIBRARY.sub(f"{self.glyphs.ellipsis}/", file)
        return f"{file}:{location.line}"

    def source_line(self, location: Location, available: int, note: str = "", *, full: bool = True) -> Text:
        """Return a line of source with its function and a note, truncated to `available` cells."""
        function = f" in {self.name(location.function)}" if location.function else ""
        path = self.path(location, full=full)
        rest = next((rest for rest in (function + note, note) if truncation.fits(path + rest, available)), "")
        return Text(truncation.path_cut(path, available, self.glyphs.ellipsis), style="blue").append(rest, style="dim")

    def source_text(self, source: SourceLine, available: int) -> tuple[str, str, str]:
        """Return what precedes the meant part of a line of source, the part, and what follows, in `available` cells.

        The line loses its indentation. A line that is too long is cut at its end, or else around the part.
        """
        pieces = (
            source.text[: source.start].lstrip(),
            source.text[source.start : source.end],
            source.text[source.end :],
        )
        before, part, after = (self.name(piece.replace("\t", "    ")) for piece in pieces)
        if not truncation.fits(before + part, available):
            before = self.cut(truncation.start_cut, before, max(available // 4, available - cell_len(part)))
            part = self.cut(truncation.end_cut, part, available - cell_len(before))
            return before, part, ""
        return (
            before,
            part,
            self.cut(truncation.end_cut, after, max(available - cell_len(before + part), 0)) if after else "",
        )

    def type_name(self, name: str) -> str:
        """Return `app.ws.Pool` for `app.ws:Pool`."""
        return self.name(name.replace(":", "."))

    def without_folder(self, text: str) -> str:
        """Return a sentence with the paths in it relative to the current folder."""
        folder = self._options.cwd.rstrip("/")
        return text.replace(f"{folder}/", "") if folder else text

    def cut(self, truncate: Callable[[str, int, str], str], text: str, cells: int) -> str:
        """Return a clean text truncated to `cells`."""
        return truncate(text, cells, self.glyphs.ellipsis)

    # Lines

    @property
    def prose_width(self) -> int:
        """Columns of a sentence."""
        return min(self.width, _MAX_PROSE_WIDTH)

    def line(self, *parts: str | Text | tuple[str, str]) -> None:
        """Add a line. The caller makes sure that it fits."""
        text = Text.assemble(*parts)
        text.rstrip()
        self._lines.append(text)

    def blank(self) -> None:
        """Add an empty line, unless the last line is empty."""
        if self._lines and self._lines[-1].plain:
            self._lines.append(Text())

    def heading(self, title: str) -> None:
        """Add a section heading."""
        self.blank()
        left = f"{self.glyphs.rule * 2} {title} "
        self.line((left, "bold"), (self.glyphs.rule * (self.width - cell_len(left)), "dim"))

    def paragraph(self, text: Text, first: Text | str = "", rest: Text | str | None = None) -> None:
        """Add a text, wrapped. `first` precedes the first line and `rest` the others (None: as many spaces)."""
        before = Text.assemble(first)
        following = Text(" " * before.cell_len) if rest is None else Text.assemble(rest)
        available = self.prose_width - max(before.cell_len, following.cell_len)
        joined = text.copy()
        joined.plain = _BEFORE_UNIT.sub(_UNBROKEN, text.plain)
        for position, piece in enumerate(joined.wrap(self._console, available, overflow="fold")):
            piece.plain = piece.plain.replace(_UNBROKEN, " ")
            self.line(following if position else before, piece)

    def more(self, count: int, what: str = "") -> Text:
        """Return the line that says how many items are not shown."""
        details = f" ({what})" if what else ""
        return Text(f"... and {count:,} more{details}; --format json has all", style="dim")

    def limit(self, default: int) -> int:
        """Return how many items to show: `default`, ten times as many with `-v`, all with `-vv`."""
        return default if self.verbose <= 0 else default * 10 if self.verbose == 1 else 1_000_000

    def finished(self) -> str:
        """Return everything that was drawn, as text."""
        while self._lines and not self._lines[-1].plain:
            self._lines.pop()
        with self._console.capture() as captured:
            for line in self._lines:
                self._console.print(line, no_wrap=True, overflow="ignore", crop=False)
        return captured.get()


def split_at_limit(items: Sequence[object], limit: int) -> tuple[int, int]:
    """Return how many items to show and how many to omit. A single item is never omitted: its line is as short."""
    return (len(items), 0) if len(items) <= limit + 1 else (limit, len(items) - limit)
