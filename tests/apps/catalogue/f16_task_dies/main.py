"""The handle of a background task is dropped; it dies while the application calls itself started."""

import asyncio
from contextlib import asynccontextmanager

from starlette.applications import Starlette


async def consume():
    await asyncio.sleep(0)
    raise ConnectionError("broker closed the connection")


@asynccontextmanager
async def lifespan(app):
    asyncio.create_task(consume(), name="consumer")
    yield


app = Starlette(lifespan=lifespan)
