"""Words and characters: what reports say in every format. No styling, and nothing but the standard library."""

from __future__ import annotations

import math
import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator

#: More combining marks than this on one character are a drawing, not a script.
_MOST_MARKS = 3
_MARKS = ("Mn", "Me")
#: They change how wide a character is drawn, and terminals disagree on it.
_VARIATION_SELECTORS = "\ufe0e\ufe0f"
#: ECMA-48 control sequences: CSI, then OSC and its like up to their end, then what has two characters.
_CONTROL_SEQUENCES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]")


def clean(text: str, *, ascii_only: bool = False) -> str:
    """Text that cannot draw: what is not printable becomes an escape that can be read, such as `\\x1b` or `\\u202e`.

    That covers control characters, line ends, changes of direction, invisible characters and lone surrogates, so the
    result can always be encoded as UTF-8 (as ASCII with `ascii_only`).
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_cleaned(text, ascii_only))


def _cleaned(text: str, ascii_only: bool) -> Iterator[str]:
    marks = 0
    for char in text:
        if char in _VARIATION_SELECTORS:
            continue
        marks = marks + 1 if unicodedata.category(char) in _MARKS else 0
        allowed = char.isascii() if ascii_only else marks <= _MOST_MARKS
        yield char if allowed and char.isprintable() else char.encode("unicode_escape").decode("ascii")


def sentence(text: str, *, ascii_only: bool = False) -> str:
    """A message in one clean line: every run of white space is one space."""
    return clean(" ".join(text.split()), ascii_only=ascii_only)


def printed(line: str, *, ascii_only: bool = False) -> str:
    """A line that the target printed, as a terminal would have left it, without its colours."""
    bare = _CONTROL_SEQUENCES.sub("", line).rstrip("\r\n")
    return clean(bare.rpartition("\r")[2].expandtabs(4), ascii_only=ascii_only)


def duration(ms: float) -> str:
    """A time for people, with two or three digits that matter: `0.29 ms`, `84 ms`, `1.91 s`."""
    if not math.isfinite(ms):
        return "unknown"
    if abs(ms) >= 1000:
        return f"{ms / 1000:,.2f} s" if abs(ms) < 10_000 else f"{ms / 1000:,.0f} s"
    if abs(ms) >= 10:
        return f"{ms:.0f} ms"
    if abs(ms) >= 1:
        return f"{ms:.1f} ms"
    return f"{ms:.2f} ms" if abs(ms) >= 0.01 else "<0.01 ms"


def moment(ms: float) -> str:
    """A time since the target's process began, fine enough to tell two events apart: `141.2 ms`."""
    return f"{ms:,.1f} ms" if math.isfinite(ms) else "unknown"


def plural(count: int, noun: str) -> str:
    """`1 error`, `2 errors`, `10,000 components`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def limited(text: str, most: int, ellipsis: str) -> str:
    """Text of at most so many characters: of a longer one, the middle is left out."""
    if len(text) <= most:
        return text
    tail = most // 4
    return f"{text[: most - tail - len(ellipsis)]}{ellipsis}{text[-tail:]}"


def relative(file: str, folder: str) -> str:
    """A path relative to a folder, where it lies in that folder; otherwise as it is. Nothing is looked up."""
    if not file or not folder:
        return file
    path = posixpath.normpath(file)
    inside = posixpath.normpath(folder).rstrip("/") + "/"
    return path.removeprefix(inside)
