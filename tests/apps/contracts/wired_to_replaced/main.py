"""The pool is replaced after the bridge was built around it."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette

from parts import Bridge, Pool


@asynccontextmanager
async def lifespan(app):
    app.state.pool = Pool()
    app.state.bridge = Bridge(app.state.pool)
    reconnect(app.state)
    yield


def reconnect(state):
    state.pool = Pool()


app = Starlette(lifespan=lifespan)
