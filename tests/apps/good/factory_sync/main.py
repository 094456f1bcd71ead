"""Nothing is wrong: a factory that returns an application."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    yield


def create_app():
    app = Starlette(lifespan=lifespan)
    app.state.settings = {"debug": False}
    return app
