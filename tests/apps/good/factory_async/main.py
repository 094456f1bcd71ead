"""Nothing is wrong: an async factory of an application."""

import asyncio
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    yield


async def create_app():
    await asyncio.sleep(0)
    app = Starlette(lifespan=lifespan)
    app.state.settings = {"debug": False}
    return app
