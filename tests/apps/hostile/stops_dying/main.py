"""Dies by SIGKILL in the shutdown."""

import os
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    yield
    os.kill(os.getpid(), 9)


app = Starlette(lifespan=lifespan)
