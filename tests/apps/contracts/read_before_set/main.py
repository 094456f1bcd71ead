"""The bridge is built from a pool that is set two lines further down."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette

from parts import Bridge, Pool


@asynccontextmanager
async def lifespan(app):
    app.state.bridge = Bridge(app.state.pool)
    app.state.pool = Pool()
    yield


app = Starlette(lifespan=lifespan)
