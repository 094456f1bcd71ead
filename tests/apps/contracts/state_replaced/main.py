"""The whole state is replaced after the pool was set: the pool is lost."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.datastructures import State

from parts import Pool


@asynccontextmanager
async def lifespan(app):
    app.state.pool = Pool()
    app.state = State()
    app.state.settings = object()
    yield


app = Starlette(lifespan=lifespan)
