"""Is killed in the middle of startup, as by the kernel when memory runs out."""

import os
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    os.kill(os.getpid(), 9)
    yield


app = Starlette(lifespan=lifespan)
