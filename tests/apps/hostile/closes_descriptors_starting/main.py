"""Closes every descriptor it knows nothing of while the loop runs, the loop's own among them."""

import os
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    os.closerange(3, 65536)
    yield


app = Starlette(lifespan=lifespan)
