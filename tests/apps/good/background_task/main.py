"""Nothing is wrong: a background task that lives as long as the application, and a thread that is joined."""

import asyncio
import threading
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette


async def consume():
    await asyncio.Event().wait()


@asynccontextmanager
async def lifespan(app):
    app.state.consumer = asyncio.create_task(consume())
    stop = threading.Event()
    worker = threading.Thread(target=stop.wait)
    worker.start()
    yield
    stop.set()
    worker.join()
    app.state.consumer.cancel()
    with suppress(asyncio.CancelledError):
        await app.state.consumer


app = Starlette(lifespan=lifespan)
