"""An entry of a container."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple


class NoEntryError(Exception):
    """A container has no entry that could be examined. The message says why.

    Attributes:
        is_missing: whether the container certainly has none, at no time; else it is unknown which object it has.
    """

    def __init__(self, reason: str, *, is_missing: bool = False) -> None:
        super().__init__(reason)
        self.is_missing = is_missing


class Entry(NamedTuple):
    """An object of a container, which may not exist yet.

    Attributes:
        get: returns it, or an awaitable of it, as the container does for the application.
        exists: whether the container has created it before; None: unknown.
    """

    get: Callable[[], Any]
    exists: bool | None = None
