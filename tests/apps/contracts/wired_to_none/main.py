"""The factory is built before the bridge it needs, and keeps None."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette

from startup import start


@asynccontextmanager
async def lifespan(app):
    await start(app.state)
    yield


app = Starlette(lifespan=lifespan)
