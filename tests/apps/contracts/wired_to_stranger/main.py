"""The bridge makes a pool of its own and does not use the one of the state."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette

from parts import Bridge, Pool


@asynccontextmanager
async def lifespan(app):
    app.state.pool = Pool()
    app.state.bridge = Bridge(Pool())
    yield


app = Starlette(lifespan=lifespan)
