"""`os._exit(0)` in the shutdown: status 0, and no answer."""

import os
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    yield
    os._exit(0)


app = Starlette(lifespan=lifespan)
