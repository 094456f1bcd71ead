"""A FastAPI application that boots in about 0.3 s: half of it is the import, half the startup, which waits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI


class Pool:
    def add_connection(self, user_id: str) -> None: ...


class Bridge:
    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def emit(self, user_id: str, event: str) -> None: ...


class EngineFactory:
    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await asyncio.sleep(0.15)
    app.state.settings = {"name": "shop"}
    app.state.pool = Pool()
    app.state.bridge = Bridge(app.state.pool)
    app.state.engine_factory = EngineFactory(app.state.bridge)
    yield


app = FastAPI(lifespan=lifespan)
