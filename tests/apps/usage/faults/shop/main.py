"""The application: startup sets `pool`, `bus`, `cache`, `prices`, `limit` and `version`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shop import routes, sockets, users
from shop.services import Bus, Cache, Pool


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.pool = Pool()
    app.state.bus = Bus()
    app.state.cache = Cache()
    app.state.prices = {"apple": 3}
    app.state.limit = 10
    app.state.version = "1"
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan)
app.include_router(routes.router)
app.include_router(sockets.router)
app.include_router(users.router)
