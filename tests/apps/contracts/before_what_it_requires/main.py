"""The bridge is set before the pool it requires; both belong to one phase."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette

from parts import Bridge, Pool


@asynccontextmanager
async def lifespan(app):
    app.state.bridge = Bridge(None)
    app.state.pool = Pool()
    yield


app = Starlette(lifespan=lifespan)
