"""The pool is never made; the bridge and the factory that stand on it are built around nothing."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette

from parts import Bridge, Factory


@asynccontextmanager
async def lifespan(app):
    pool = getattr(app.state, "pool", None)
    app.state.bridge = Bridge(pool)
    app.state.factory = Factory(app.state.bridge)
    yield


app = Starlette(lifespan=lifespan)
