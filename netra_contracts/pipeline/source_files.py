"""Source lines for the report, read from the files that locations name.

A recording has digests of these files and none of their text. A line is shown only if its file still has the digest,
so that a report never shows a line that was not executed.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import time
import tokenize
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from netra_contracts.model.finding import Cause, Finding, SourceLine
from netra_contracts.model.report import Report
from netra_contracts.pipeline.source_usage import reportable_lines
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.masking import MASK, mask_source
from netra_contracts.protocol.observed.observation import Observation
from netra_contracts.settings.input_files import InputFileError, read_bytes

#: The largest file that is read, in bytes, and the largest number of files.
_MAX_BYTES, _MAX_FILES = 2_000_000, 500
#: The longest line that a report has, in characters.
_MAX_LENGTH = 1000
#: Fields of the evidence with lines of tracebacks and stacks, most of them in libraries, whose sources are not shown;
#: and with all uses of the state, of which few are shown.
_UNREAD_FIELDS = frozenset(["trace", "lines", "usage"])
_SCALARS = frozenset(["str", "int", "float", "bool", "tuple[str, ...]"])
_LINE_END = re.compile(r"\r\n|\r|\n")  # as Python reads source; `str.splitlines` knows more
_COMMENT = re.compile(r"\s+#[^'\"]*$")
#: A text that is assigned to, or passed or stored as, something whose name says that it is secret.
_NAMED_SECRET = re.compile(
    r"""((?:passw|passphrase|secret|token|credential|api_?key|access_?key|private_?key|dsn)\w*["']?\]?(?:\s*:[^=,"']*)?"""
    r"""\s*(?:=|:|,)\s*(?:\w+\(\s*)?[a-z]{0,2})(?P<quote>"{3}|'{3}|["'])(?:\\.|(?!(?P=quote)).)+(?:(?P=quote)|$)""",
    re.IGNORECASE,
)
#: A quoted text that looks like a key: long, without spaces, with letters of both cases and digits.
_KEY = re.compile(r"""(["'])(?=[^"']*\d)(?=[^"']*[a-z])(?=[^"']*[A-Z])[\w+/=.:-]{20,}\1""")


def digests(observation: Observation, started_s: float) -> dict[str, str]:
    """The digests of the files that locations of an observation name, by path.

    A file that was changed while the target ran is left out: which text was executed is unknown.

    Args:
        observation: the evidence of the run.
        started_s: when the target's process was started, as `time.monotonic`.
    """
    began_s = time.time() - (time.monotonic() - started_s)
    found: dict[str, str] = {}
    shown = (*_locations(observation), *reportable_lines(observation))
    for file in dict.fromkeys(location.file for location in shown):
        if len(found) == _MAX_FILES:
            break
        content = _read(file, changed_after_s=began_s)
        if content is not None:
            found[file] = _digest(content)
    return found


def with_source_lines(report: Report, known: Mapping[str, str]) -> Report:
    """A report whose findings and causes have the source of their lines.

    Args:
        report: without source lines.
        known: digests of the files as they were executed, by path.
    """

    @cache
    def lines_of(file: str) -> list[str]:
        content = _read(file) if file in known else None
        return _lines(content) if content is not None and _digest(content) == known[file] else []

    @cache  # thousands of findings may be about one line
    def source_of(location: Location | None) -> SourceLine | None:
        lines = lines_of(location.file) if location is not None else []
        return source_line(lines[location.line - 1], location) if location and 0 < location.line <= len(lines) else None

    def cause_with_source(cause: Cause) -> Cause:
        return cause.model_copy(update={"source": source_of(cause.location)})

    def finding_with_source(finding: Finding) -> Finding:
        causes = tuple(map(cause_with_source, finding.causes))
        return finding.model_copy(update={"source": source_of(finding.location), "causes": causes})

    return report.model_copy(update={"findings": tuple(map(finding_with_source, report.findings))})


def source_line(text: str, location: Location) -> SourceLine | None:
    """A line of source with the part that a location means, or without it the statement; None: the line is empty.

    Args:
        text: the line without its end.
        location: its columns count bytes of UTF-8.
    """
    masked = _mask(text).rstrip()
    code = _COMMENT.sub("", masked)
    start, end = len(code) - len(code.lstrip()), len(code)
    if location.column is not None and masked == text.rstrip():
        encoded = text.encode(errors="surrogatepass")
        column = _characters(encoded[: location.column - 1])
        if column < end:
            start = max(column, start)
            if location.end_column is not None:
                end = min(max(_characters(encoded[: location.end_column - 1]), start + 1), end)
    if start >= end:
        return None
    if len(masked) > _MAX_LENGTH:
        first = max(start - _MAX_LENGTH // 4, 0)
        masked, start, end = masked[first : first + _MAX_LENGTH], start - first, min(end - first, _MAX_LENGTH)
    return SourceLine(text=masked, start=start, end=end)


def _characters(encoded: bytes) -> int:
    return len(encoded.decode(errors="replace"))


def _mask(text: str) -> str:
    """A line of source without credentials: also those that only code has, as in `settings["api_key"] = "..."`."""
    text = _NAMED_SECRET.sub(lambda found: f"{found[1]}{found['quote']}{MASK}{found['quote']}", text)
    return mask_source(_KEY.sub(rf"\g<1>{MASK}\g<1>", text))


def _locations(record: object) -> Iterator[Location]:
    if isinstance(record, Location):
        yield record
    elif isinstance(record, tuple):
        for member in record:
            yield from _locations(member)
    elif hasattr(record, "__record_fields__"):
        cls: Any = type(record)  # `hasattr` makes it a type that mypy takes for one without a hash
        for name in _located_fields(cls):
            yield from _locations(getattr(record, name))


@cache
def _located_fields(record: type) -> tuple[str, ...]:
    """The fields of a class of records that may have locations."""
    return tuple(
        name
        for name, annotation in record.__annotations__.items()
        if name not in _UNREAD_FIELDS and annotation.removesuffix(" | None") not in _SCALARS
    )


def _read(file: str, changed_after_s: float | None = None) -> bytes | None:
    """The content of a regular file of bounded size; None: it cannot be read, or has been changed after a time."""
    try:
        if not stat.S_ISREG(os.stat(file).st_mode):  # opening a device may have effects
            return None
        content = read_bytes(file, _MAX_BYTES)
        changed_s = os.stat(file).st_mtime
    except (OSError, ValueError, InputFileError):
        return None
    is_changed = changed_after_s is not None and changed_after_s < changed_s <= time.time()
    return None if is_changed else content


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _lines(content: bytes) -> list[str]:
    """The lines of a source file, decoded as Python does (PEP 263); none if it is not text."""
    if b"\0" in content:
        return []
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return _LINE_END.split(content.decode(encoding, "replace"))
    except (LookupError, SyntaxError, UnicodeError):
        return []
