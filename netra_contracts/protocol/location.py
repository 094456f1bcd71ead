"""Where source code is."""

from __future__ import annotations

from .record import record


@record(frozen=True)
class Location:
    """A line of source: absolute path, line from 1, and the function's qualified name."""

    file: str
    line: int
    function: str = ""
