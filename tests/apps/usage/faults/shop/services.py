"""What startup creates."""

from __future__ import annotations

from collections.abc import AsyncIterator


class Connection:
    """A connection to the database."""

    async def fetch(self, query: str, *, timeout: float = 1.0) -> list[str]:
        return [query]


class Pool:
    """Connections to the database."""

    def __init__(self) -> None:
        self.size = 3

    async def acquire(self) -> Connection:
        return Connection()

    def count(self) -> int:
        return self.size

    async def close(self) -> None:
        self.size = 0


class Bus:
    """Sends events to clients."""

    async def publish(self, channel: str, event: dict[str, str]) -> None:
        del channel, event

    async def events(self, channel: str) -> AsyncIterator[str]:
        yield channel


class Cache:
    """A cache that is not async."""

    def get(self, key: str) -> str | None:
        return None

    def clear(self) -> None:
        pass
