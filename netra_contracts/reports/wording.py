"""Text shared by all report formats: cleaning, times, counts, without styling."""

from __future__ import annotations

import math
import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator

from netra_contracts.model.report_of_startup import StageReport
from netra_contracts.protocol.stages import stage_label

#: More combining marks on one character than any script uses: the rest is escaped.
_MAX_MARKS = 3
_MARKS = ("Mn", "Me")
#: Removed, because terminals disagree on the width of a character that they follow.
_VARIATION_SELECTORS = "\ufe0e\ufe0f"
#: ECMA-48 control sequences: CSI; OSC and similar strings with their terminator; two-character sequences.
_CONTROL_SEQUENCES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]")


def clean(text: str, *, ascii_only: bool = False) -> str:
    """Return a text with each unprintable character replaced by a readable escape, such as `\\x1b` or `\\u202e`.

    This includes control characters, line ends, changes of direction, invisible characters and lone surrogates, so the
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
        allowed = char.isascii() if ascii_only else marks <= _MAX_MARKS
        yield char if allowed and char.isprintable() else char.encode("unicode_escape").decode("ascii")


def sentence(text: str, *, ascii_only: bool = False) -> str:
    """Return a message as one clean line, with each run of white space replaced by one space."""
    return clean(" ".join(text.split()), ascii_only=ascii_only)


def printed(line: str, *, ascii_only: bool = False) -> str:
    """Return a line that the target printed as a terminal would show it, without colours."""
    bare = _CONTROL_SEQUENCES.sub("", line).rstrip("\r\n")
    return clean(bare.rpartition("\r")[2].expandtabs(4), ascii_only=ascii_only)


def duration(ms: float) -> str:
    """Return a time given in ms with two or three significant digits: `0.29 ms`, `84 ms`, `1.91 s`."""
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
    """Return a time since the start of the target's process, given in ms, to a tenth of a ms: `141.2 ms`."""
    return f"{ms:,.1f} ms" if math.isfinite(ms) else "unknown"


def since_stage(ms: float, stages: Iterable[StageReport]) -> str:
    """Return a time since the start of the target's process, given in ms, as `25 ms after startup began`.

    Args:
        ms: the time.
        stages: the stages of the run, in order. A time before all of them is given as it is: `at 141.2 ms`.
    """
    begun = [stage for stage in stages if stage.start_ms <= ms and stage.outcome != "skipped"]
    if not begun:
        return f"at {moment(ms)}"
    return f"{duration(ms - begun[-1].start_ms)} after {stage_label(begun[-1].name)} began"


def in_stage(ms: float, stages: Iterable[StageReport]) -> str:
    """Return a time since the start of the target's process, given in ms, as `+25 ms` from the beginning of startup.

    The time of another stage has its name: `import +3.1 ms`.

    Args:
        ms: the time.
        stages: the stages of the run, in order.
    """
    begun = [stage for stage in stages if stage.start_ms <= ms and stage.outcome != "skipped"]
    if not begun:
        return moment(ms)
    stage = begun[-1]
    return f"{'' if stage.name == 'startup' else f'{stage.name} '}+{duration(ms - stage.start_ms)}"


def plural(count: int, noun: str) -> str:
    """Return `1 error`, `2 errors`, `10,000 components`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def read_places(read: int, guarded: int) -> str:
    """Return `read in 14 places, 2 guarded`, `read in 1 place`, or `read nowhere`."""
    if not read:
        return "read nowhere"
    return f"read in {plural(read, 'place')}" + (f", {guarded:,} guarded" if guarded else "")


def listed(words: Iterable[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def limited(text: str, max_length: int, ellipsis: str) -> str:
    """Return a text of at most `max_length` characters: the middle of a longer text is omitted."""
    if len(text) <= max_length:
        return text
    tail = max_length // 4
    return f"{text[: max_length - tail - len(ellipsis)]}{ellipsis}{text[-tail:]}"


def relative(file: str, folder: str) -> str:
    """Return a path relative to a folder if it is inside that folder, else unchanged. The file system is not read."""
    if not file or not folder:
        return file
    path = posixpath.normpath(file)
    inside = posixpath.normpath(folder).rstrip("/") + "/"
    return path.removeprefix(inside)
