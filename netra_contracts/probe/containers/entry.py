"""An entry of a container."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple


class NoEntryError(Exception):
    """A container has no entry that could be examined. The message says why.

    Attributes:
        is_known: whether the container has none, or none outside of a request; else it is unknown.
    """

    def __init__(self, reason: str, *, is_known: bool = False) -> None:
        super().__init__(reason)
        self.is_known = is_known


class Entry(NamedTuple):
    """An object of a container, which may not exist yet.

    Attributes:
        get: returns it, or an awaitable of it, as the container does for the application.
        exists: whether the container has created it before; None: unknown.
    """

    get: Callable[[], Any]
    exists: bool | None = None
