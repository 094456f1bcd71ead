"""What components hold changes while the application starts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from netra_contracts.declare import Phase, startup_phase
from starlette.applications import Starlette
from starlette.datastructures import State


class Pool:
    """A pool of connections."""


class Session:
    """A session of one user."""

    def __init__(self, shared: list[str]) -> None:
        self.shared = shared


class Sessions:
    """Creates sessions that share a list."""

    def __init__(self) -> None:
        self._shared: list[str] = []

    def create(self, user: str) -> Session:
        """A session for a user."""
        return Session(self._shared)


class Holder:
    """Holds a pool."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool


@dataclass
class Context:
    """A container."""

    pool: Pool | None = None
    late: Pool | None = None
    sessions: Sessions | None = None


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Two phases."""
    async with startup_phase(app, Phase.INITIALIZATION):
        app.state.ctx = Context(pool=Pool(), sessions=Sessions())
        app.state.holder = Holder(app.state.ctx.pool)
        app.state.nested = State()
        app.state.nested.cache = Pool()
        app.state.nested.kept = Pool()
    async with startup_phase(app, Phase.CONFIGURATION):
        app.state.ctx.late = Pool()
        app.state.ctx.pool = Pool()
        app.state.nested.cache = None
    async with startup_phase(app, Phase.INTEGRATION):
        replacement = State()
        replacement.kept = app.state.nested.kept
        app.state.nested = replacement
    yield


app = Starlette(lifespan=lifespan)
