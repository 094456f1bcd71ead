"""The pool is never created; the bridge and the factory that depend on it receive None."""

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
