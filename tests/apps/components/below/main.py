"""What components hold in attributes, keys, members and states of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import State


class Pool:
    """A pool of connections."""

    size = 4

    async def acquire(self, timeout: float) -> None: ...


class Bridge:
    """Sends events through a pool."""

    def __init__(self, pool: Pool | None) -> None:
        self._pool = pool


@dataclass
class Context:
    """A container that is filled step by step."""

    pool: Pool | None = None
    bridge: Bridge | None = None
    empty: None = None


@dataclass(frozen=True)
class Frozen:
    """A container that never changes."""

    pool: Pool
    nested: Context = field(default_factory=Context)


class Slotted:
    """A container without a `__dict__`."""

    __slots__ = ("pool",)

    def __init__(self, pool: Pool) -> None:
        self.pool = pool


class Computed:
    """A container that creates what it contains when it is asked."""

    def __init__(self, pool: Pool) -> None:
        self._kept = pool

    @property
    def pool(self) -> Pool:
        """The pool."""
        return self._kept


class Step:
    """A step of a pipeline."""

    def __init__(self, handler: Any) -> None:
        self.handler = handler


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Fill every kind of container."""
    pool = Pool()
    app.state.pool = pool
    app.state.ctx = Context()
    app.state.ctx.pool = pool
    app.state.ctx.bridge = Bridge(pool)
    app.state.frozen = Frozen(pool)
    app.state.slotted = Slotted(pool)
    app.state.computed = Computed(pool)
    app.state.services = {"pool": pool, "items": pool, 7: pool}
    app.state.order = [Step(pool), Step(None)]
    app.state.nested = State()
    app.state.nested.pool = pool
    app.state.nested.inner = State({"pool": pool})
    setattr(app.state, "dotted.name", pool)
    setattr(app.state, "a", Context())
    setattr(app.state, "a.pool", pool)
    app.state.nothing = None
    yield


app = Starlette(lifespan=lifespan)
