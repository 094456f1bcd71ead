"""What startup does to logging and to the environment variables of its process."""

from __future__ import annotations

from typing import Literal

from ..location import Location
from ..record import record

#: How loggers were silenced. `disabled`: each of them, as `fileConfig` and `dictConfig` do by default. `level`: by
#: `logging.disable`, or a level of the root logger above ERROR. `handlers`: no handler is left that receives messages.
SilencedBy = Literal["disabled", "level", "handlers"]


@record(frozen=True)
class SilencedLoggers:
    """Loggers of the application that pass on no error at the end of startup, and did so before.

    Attributes:
        how: how they were silenced.
        loggers: their names, at most 100.
        call: the function that did it, such as `logging.config.fileConfig`; empty: unknown.
        location: the line of the application that called it; None: unknown.
    """

    how: SilencedBy
    loggers: tuple[str, ...]
    call: str = ""
    location: Location | None = None


@record(frozen=True)
class LateVariable:
    """An environment variable that the application read while it was not set, before an environment file set it.

    Attributes:
        name: of the variable.
        read: the line that read it.
        loaded: the line that loaded the file.
        exported: whether the variable was set then; otherwise the file was read by the settings of a library, and code
            that reads the environment never sees it.
    """

    name: str
    read: Location
    loaded: Location
    exported: bool = True
