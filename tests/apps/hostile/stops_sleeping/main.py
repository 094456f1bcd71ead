"""Shutdown blocks the loop."""

import time
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    yield
    time.sleep(3600)


app = Starlette(lifespan=lifespan)
