"""Forks at import; the child goes on with the import, as a copy of the probe."""

import os
from contextlib import asynccontextmanager

from starlette.applications import Starlette

os.fork()


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    yield


app = Starlette(lifespan=lifespan)
