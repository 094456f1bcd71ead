"""Nothing is wrong: a factory that is an async context manager, which must be left again."""

from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    yield


@asynccontextmanager
async def create_app():
    app = Starlette(lifespan=lifespan)
    app.state.settings = {"debug": False}
    yield app
    Path("left").touch()
