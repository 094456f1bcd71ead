"""Hangs in `await`, and swallows every cancellation."""

import asyncio
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    while True:
        try:
            await asyncio.sleep(3600)
        except BaseException:
            pass
    yield


app = Starlette(lifespan=lifespan)
