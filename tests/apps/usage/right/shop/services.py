"""What startup creates."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any


class Connection:
    """A connection to the database, which is a context manager."""

    async def __aenter__(self) -> Connection:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def fetch(self, query: str) -> list[str]:
        return [query]


class _Acquired:
    """What can be awaited, and used in `async with`."""

    def __await__(self) -> Any:
        return self._connect().__await__()

    async def _connect(self) -> Connection:
        return Connection()

    async def __aenter__(self) -> Connection:
        return Connection()

    async def __aexit__(self, *_: object) -> None:
        pass


class Pool:
    """Connections to the database."""

    def acquire(self) -> _Acquired:
        return _Acquired()

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        yield Connection()

    def connect(self) -> None:
        self.connected = True

    def run(self, function: Callable[..., Awaitable[Any]], *args: Any, **more: Any):
        return function(*args, **more)

    def __iter__(self) -> Iterator[Connection]:
        return iter(())


class Proxy:
    """It passes everything on to another object."""

    def __init__(self, target: object) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)


class Machine:
    """It has a state of its own, which is not that of an application."""

    def __init__(self) -> None:
        self.state = self

    def step(self) -> object:
        self.state.position = 1
        return self.state.phase

    phase = "idle"


class Registry:
    """It keeps the state, under another name, and fills it later."""

    def __init__(self, entries: Any) -> None:
        self._entries = entries

    def fill(self) -> None:
        self._entries.filled = 1
        self._entries._state["filled_by_text"] = 1


class Lazy:
    """It gets its client when it is needed first."""

    def __init__(self) -> None:
        self.client: Any = None


class Plain:
    """Without a method that some of its relatives have."""


def injected(function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any, **more: Any) -> Any:
        return function(*args, session=object(), **more)

    wrapper.__wrapped__ = function  # type: ignore[attr-defined]
    return wrapper


class Repository:
    """A decorator passes the session."""

    @injected
    async def find(self, key: str, session: object) -> str:
        return key
