"""Writes to the terminal. Only this package does."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from typing import Literal, NamedTuple

from netra_contracts.errors import Problem, UsageError, lines_of_problems

#: Where a report is written.
Stream = Literal["stdout", "stderr"]


class OutputStyle(NamedTuple):
    """Width in columns, colour, and whether characters beyond ASCII can be written."""

    width: int
    colour: bool
    unicode: bool


def output_style(*, to_file: bool, stream: Stream = "stdout") -> OutputStyle:
    """Width, colour and characters for a stream, or for a file.

    `NO_COLOR` (https://no-color.org) and `FORCE_COLOR` (https://force-color.org) apply if they are not empty;
    `NO_COLOR` takes precedence.
    """
    output = getattr(sys, stream)
    is_terminal = not to_file and output.isatty()
    colour = is_terminal and os.environ.get("TERM") != "dumb"
    if os.environ.get("FORCE_COLOR") and not to_file:
        colour = True
    if os.environ.get("NO_COLOR"):
        colour = False
    columns = os.environ.get("COLUMNS", "")
    width = shutil.get_terminal_size((80, 24)).columns if is_terminal or columns.isdigit() else 80
    encoding = "utf-8" if to_file else (output.encoding or "ascii")
    return OutputStyle(max(width, 40), colour, encoding.lower().replace("-", "") in ("utf8", "utf8sig"))


def print_stderr(text: str, *, wrap: bool = True) -> None:
    """Print a message on stderr. Characters that cannot be encoded or printed are escaped.

    Args:
        text: one line or several.
        wrap: whether lines that are too long for a terminal are broken between words. In a file, none are.
    """
    encoding = sys.stderr.encoding or "ascii"
    with contextlib.suppress(OSError, ValueError):
        if wrap and sys.stderr.isatty():
            text = wrapped(text, max(shutil.get_terminal_size((80, 24)).columns, 40))
        sys.stderr.write(_printable(text).encode(encoding, "backslashreplace").decode(encoding) + "\n")


def wrapped(text: str, width: int) -> str:
    """A message with its long lines broken between words. A path or a name is never broken."""
    import textwrap

    broken = (
        textwrap.wrap(line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False) or [""]
        for line in text.split("\n")
    )
    return "\n".join(line for lines in broken for line in lines)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() or char in "\n\t" else f"\\x{ord(char):02x}" for char in text)


def write_stdout(text: str) -> None:
    """Write the report to stdout. A closed pipe, as with `head`, is not an error.

    Raises:
        UsageError: if stdout cannot be written.
    """
    encoding = sys.stdout.encoding or "ascii"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except OSError as error:
        # Python flushes stdout again at exit, which would print this error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UsageError([Problem(f"the report cannot be written: {error.strerror}", "stdout")]) from error


def write_report(text: str, stream: Stream) -> None:
    """Write the report to stdout, as `write_stdout` does, or to stderr, where it is lost if that cannot be written.

    Raises:
        UsageError: if stdout cannot be written.
    """
    if stream == "stdout":
        write_stdout(text)
        return
    encoding = sys.stderr.encoding or "ascii"
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stderr.flush()


def print_usage_error(error: UsageError) -> None:
    """Print each problem on a line: where it came from, what is wrong, and what to do. Of many, the first ones."""
    for line in lines_of_problems(error.problems):
        print_stderr(f"netra-contracts: {line}")
