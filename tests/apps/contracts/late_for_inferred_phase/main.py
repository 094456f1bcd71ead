"""The pool belongs to the first phase and is set after the bridge of the second, which it is handed to later."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette

from parts import Bridge, Pool


@asynccontextmanager
async def lifespan(app):
    app.state.bridge = Bridge(None)
    open_pool(app.state)
    app.state.bridge._pool = app.state.pool
    yield


def open_pool(state):
    state.pool = Pool()


app = Starlette(lifespan=lifespan)
