"""`sys.exit(0)` in the middle of startup."""

import sys
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    sys.exit(0)
    yield


app = Starlette(lifespan=lifespan)
