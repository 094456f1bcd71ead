"""How values that a user wrote are checked and described in messages. Standard library only."""

from __future__ import annotations

import sys
from typing import Any

_MAX_QUOTED = 60


class InvalidValue(ValueError):  # noqa: N818 - it names what is wrong with the input, not a failure of the tool
    """A value that a user wrote is not valid.

    Attributes:
        hint: what to write instead; may be empty.
        path: where the value is within the one that was checked, e.g. `(1,)` for the second member of a list.
    """

    def __init__(self, message: str, hint: str = "", path: tuple[str | int, ...] = ()) -> None:
        self.hint = hint
        self.path = path
        super().__init__(message.encode("utf-8", "backslashreplace").decode())  # pydantic refuses lone surrogates


def quoted(text: str) -> str:
    """A text in quotes, on one line, and cut after 60 characters."""
    return f'"{on_one_line(text)}"'


def on_one_line(text: str) -> str:
    """A text on one line, cut after 60 characters."""
    line = " ".join(text.split())
    return line if len(line) <= _MAX_QUOTED else f"{line[:_MAX_QUOTED]}..."


def describe_value(value: Any) -> str:
    """A value as TOML writes it; a table, a list or a date by that word."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "a list"
    if type(value).__module__ == "datetime":
        return "a date or a time"
    if isinstance(value, bool):
        return str(value).lower()
    if _is_very_large(value):
        return "a very large number"
    return quoted(value) if isinstance(value, str) else str(value)


def wrong_type(subject: str, expected: str, value: object, path: tuple[str | int, ...] = ()) -> InvalidValue:
    """The error for a value of the wrong type.

    Args:
        subject: what the user calls the value, e.g. `startup-timeout`.
        expected: what is valid, e.g. "a string", "a list", "true or false", "a number".
        value: what was written.
        path: see `InvalidValue`.
    """
    message = f"{subject} must be {expected}, not {describe_value(value)}"
    return InvalidValue(message, _correction(expected, value), path)


def _correction(expected: str, value: object) -> str:
    """How to write the value so that it has the expected type, if that is known."""
    if expected == "a list" and isinstance(value, str):
        return f"write [{describe_value(value)}]"
    if expected == "a string" and isinstance(value, (int, float)) and not _is_very_large(value):
        return f'write "{describe_value(value)}"'
    if expected == "true or false" and isinstance(value, str) and value.lower() in ("true", "false"):
        return f"write {value.lower()}, without quotes"
    is_digits = isinstance(value, str) and value.replace(".", "", 1).isdigit()
    return f"write {value}, without quotes" if is_digits and expected in ("a number", "a whole number") else ""


def _is_very_large(value: object) -> bool:
    """Whether converting an integer to text may raise: Python limits the number of digits."""
    return isinstance(value, int) and abs(value) > sys.maxsize
