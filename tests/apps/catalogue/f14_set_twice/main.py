"""The pool is made at import and again in the lifespan: the bridge keeps the first one."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


class Pool:
    pass


class Bridge:
    def __init__(self, pool):
        self.pool = pool


@asynccontextmanager
async def lifespan(app):
    app.state.pool = Pool()
    yield


app = Starlette(lifespan=lifespan)
app.state.pool = Pool()
app.state.bridge = Bridge(app.state.pool)
