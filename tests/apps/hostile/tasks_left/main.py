"""Starts a task that refuses to be cancelled, and a thread of an executor that blocks."""

import asyncio
import threading
from contextlib import asynccontextmanager

from starlette.applications import Starlette


async def stubborn():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass


@asynccontextmanager
async def lifespan(app):
    app.state.stubborn = asyncio.create_task(stubborn(), name="stubborn")
    asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)
    yield


app = Starlette(lifespan=lifespan)
