"""Objects of a module: set at import, at startup, by others, lazily."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any


class Engine:
    """A database engine."""

    def connect(self, timeout: float) -> None: ...


class Sessions:
    """Holds an engine."""

    def __init__(self, bound: Engine | None) -> None:
        self.engine = bound


class Registry:
    """A class that keeps its only instance."""

    instance: Registry | None = None

    def __init__(self, bound: Engine) -> None:
        self.engine = bound

    @classmethod
    def get(cls) -> Registry:
        """The only instance."""
        if cls.instance is None:
            cls.instance = cls(get_engine())
        return cls.instance


engine = Engine()
late: Engine | None = None
lost: Engine | None = Engine()
replaced = Engine()
by_others: Engine | None = None
POOLS = {"main": Engine(), "spare": [Engine()]}
_lazy: Engine | None = None


def connect() -> None:
    """What startup calls."""
    global late, lost, replaced
    late = Engine()
    lost = None
    replaced = Engine()


def get_engine() -> Engine:
    """Create an engine when it is first asked for."""
    global _lazy
    if _lazy is None:
        _lazy = Engine()
    return _lazy


@lru_cache
def get_cached() -> Engine:
    """Create an engine once."""
    return Engine()


async def get_async() -> Engine:
    """Return the engine of the module."""
    await asyncio.sleep(0)
    asyncio.get_running_loop()
    return engine


@lru_cache
def get_coroutine() -> Any:
    """Cache what can be awaited once."""
    return get_async()


def get_new() -> Engine:
    """Create an engine for each caller."""
    return Engine()


def get_failing() -> Engine:
    """Fail."""
    raise RuntimeError("no database at postgresql://ada:secret@db/shop")


def get_hanging() -> Engine:
    """Never return."""
    import time

    while True:
        time.sleep(0.05)


async def get_waiting() -> Engine:
    """Never return."""
    await asyncio.Event().wait()
    return engine


def get_with(name: str) -> Engine:
    """Need an argument."""
    return POOLS[name]  # type: ignore[return-value]  # it is never called


def get_session() -> Any:
    """Yield, as dependencies of FastAPI do."""
    yield engine


def get_exiting() -> Engine:
    """End the process."""
    raise SystemExit(3)


def __getattr__(name: str) -> Any:
    if name == "dynamic":
        return engine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
