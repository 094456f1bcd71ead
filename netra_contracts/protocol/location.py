"""Where source code is."""

from __future__ import annotations

from .record import record


@record(frozen=True)
class Location:
    """A line of source.

    Attributes:
        file: its absolute path.
        line: its number, from 1.
        function: the function's qualified name.
        column: where the expression begins that was evaluated, in bytes of the line in UTF-8, from 1 (`co_positions`
            of Python 3.11); None: unknown.
        end_column: the column after its end; None: unknown, or it ends on a later line.
    """

    file: str
    line: int
    function: str = ""
    column: int | None = None
    end_column: int | None = None
