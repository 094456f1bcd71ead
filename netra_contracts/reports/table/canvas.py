"""The sheet that the sections of a report are drawn on: width, characters, and lines that always fit."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from netra_contracts.protocol.location import Location
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.table import truncation
from netra_contracts.reports.wording import clean, limited, printed, relative, sentence

#: Narrower than this nothing can be read.
_NARROWEST = 40
#: Sentences in longer lines are hard to read, however wide the terminal is.
_WIDEST_PROSE = 100
#: Characters of one message; `-vv` and the JSON report have all of it.
_LONGEST_MESSAGE = 800
_QUOTED = re.compile(r"`[^`]+`")
#: Where an interpreter keeps its own modules and those that were installed.
_LIBRARY = re.compile(r"^/.*/(?:(?:site|dist)-packages|lib/python3\.\d+)/")


@dataclass(frozen=True)
class Glyphs:
    """The characters that reports are drawn with. `marks` are one cell wide; `signs` go before a word."""

    ellipsis: str
    rule: str
    gutter: str
    bar: str
    bar_start: str
    bar_end: str
    marks: dict[str, str]
    signs: dict[str, str]


UNICODE = Glyphs(
    ellipsis="…",
    rule="─",
    gutter="│",
    bar="━",
    bar_start="╺",
    bar_end="╸",
    marks={"set": "◆", "set to None": "◇", "deleted": "✕", "read, but not there": "?", "state replaced": "↻"},
    signs={"passed": "✓ ", "failed": "✗ ", "blocked": "‖ ", "not_run": "? ", "empty": "· "},
)
ASCII = Glyphs(
    ellipsis="...",
    rule="-",
    gutter="|",
    bar="=",
    bar_start="=",
    bar_end="=",
    marks={"set": "*", "set to None": "o", "deleted": "x", "read, but not there": "?", "state replaced": "@"},
    signs={},
)


class Canvas:
    """Lines of a report. Data only ever enters through the methods that clean it.

    Attributes:
        width: columns that a line may have.
        glyphs: what to draw with.
        verbose: as in `RenderOptions`.
    """

    def __init__(self, options: RenderOptions) -> None:
        self.width = max(options.width, _NARROWEST)
        self.glyphs = UNICODE if options.unicode else ASCII
        self.verbose = options.verbose
        self._options = options
        self._lines: list[Text] = []
        # Nothing is taken from the environment: what it says has been read by the command line.
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
        """A name, exactly: what cannot be shown is escaped."""
        return clean(name, ascii_only=not self._options.unicode)

    def prose(self, message: str, style: str = "") -> Text:
        """A message of any length, in one paragraph; what is in backticks stands out."""
        shown = sentence(message, ascii_only=not self._options.unicode)
        if self.verbose < 2:
            shown = limited(shown, _LONGEST_MESSAGE, f" {self.glyphs.ellipsis} ")
        text = Text(shown, style=style)
        text.highlight_regex(_QUOTED, "cyan")
        return text

    def printed(self, line: str) -> str:
        """A line that the target printed, clean."""
        return printed(line, ascii_only=not self._options.unicode)

    def path(self, location: Location) -> str:
        """`app/startup.py:41`, as short as the current folder allows; of libraries, what is inside them."""
        file = self.name(relative(location.file, self._options.cwd))
        if self.verbose <= 0:
            file = _LIBRARY.sub(f"{self.glyphs.ellipsis}/", file)
        return f"{file}:{location.line}"

    def place(self, location: Location, room: int, note: str = "") -> Text:
        """A line of source with its function and a note; what does not fit is cut."""
        function = f" in {self.name(location.function)}" if location.function else ""
        path = self.path(location)
        rest = next((rest for rest in (function + note, note) if truncation.fits(path + rest, room)), "")
        return Text(truncation.path_cut(path, room, self.glyphs.ellipsis), style="blue").append(rest, style="dim")

    def type_name(self, name: str) -> str:
        """`app.ws.Pool` from `app.ws:Pool`."""
        return self.name(name.replace(":", "."))

    def without_folder(self, text: str) -> str:
        """A sentence, with paths in it relative to the current folder."""
        folder = self._options.cwd.rstrip("/")
        return text.replace(f"{folder}/", "") if folder else text

    def cut(self, cutter: Callable[[str, int, str], str], text: str, cells: int) -> str:
        """A clean text, cut to a width."""
        return cutter(text, cells, self.glyphs.ellipsis)

    # Lines

    @property
    def prose_width(self) -> int:
        """Columns that sentences may have."""
        return min(self.width, _WIDEST_PROSE)

    def line(self, *parts: str | Text | tuple[str, str]) -> None:
        """Add a line that is known to fit."""
        text = Text.assemble(*parts)
        text.rstrip()
        self._lines.append(text)

    def blank(self) -> None:
        """Add an empty line, unless there is one."""
        if self._lines and self._lines[-1].plain:
            self._lines.append(Text())

    def heading(self, title: str) -> None:
        """Begin a section."""
        self.blank()
        left = f"{self.glyphs.rule * 2} {title} "
        self.line((left, "bold"), (self.glyphs.rule * (self.width - cell_len(left)), "dim"))

    def paragraph(self, text: Text, first: Text | str = "", rest: Text | str | None = None) -> None:
        """Add a text in as many lines as it takes; `first` and `rest` go before its lines. `rest` None: spaces."""
        before = Text.assemble(first)
        following = Text(" " * before.cell_len) if rest is None else Text.assemble(rest)
        room = self.prose_width - max(before.cell_len, following.cell_len)
        for position, piece in enumerate(text.wrap(self._console, room, overflow="fold")):
            self.line(following if position else before, piece)

    def more(self, count: int, what: str = "") -> Text:
        """What is said of that which is not shown."""
        told = f" ({what})" if what else ""
        return Text(f"... and {count:,} more{told}; --format json has all", style="dim")

    def most(self, few: int) -> int:
        """How many of something to show: `few`, ten times as many with `-v`, all with `-vv`."""
        return few if self.verbose <= 0 else few * 10 if self.verbose == 1 else 1_000_000

    def finished(self) -> str:
        """Everything that was drawn."""
        while self._lines and not self._lines[-1].plain:
            self._lines.pop()
        with self._console.capture() as captured:
            for line in self._lines:
                self._console.print(line, no_wrap=True, overflow="ignore", crop=False)
        return captured.get()


def shown_and_left(items: Sequence[object], most: int) -> tuple[int, int]:
    """How many to show and how many to leave: one line about a single one left would take as much room as it."""
    return (len(items), 0) if len(items) <= most + 1 else (most, len(items) - most)
