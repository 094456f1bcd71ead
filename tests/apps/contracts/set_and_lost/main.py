"""The pool is set, and deleted again before startup ends; the cache is set, and then set to None."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette

from parts import Pool


@asynccontextmanager
async def lifespan(app):
    app.state.pool = Pool()
    app.state.cache = Pool()
    forget(app.state)
    yield


def forget(state):
    del state.pool
    state.cache = None


app = Starlette(lifespan=lifespan)
