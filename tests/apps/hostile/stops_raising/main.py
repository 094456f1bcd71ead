"""Shutdown raises."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    yield
    raise RuntimeError("pool was closed twice")


app = Starlette(lifespan=lifespan)
