"""Shutdown waits for a queue that no task drains."""

import asyncio
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.queue = asyncio.Queue()
    app.state.queue.put_nowait(object())
    yield
    await app.state.queue.join()


app = Starlette(lifespan=lifespan)
