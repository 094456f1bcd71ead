"""`sys.exit(0)` in the shutdown."""

import sys
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    yield
    sys.exit(0)


app = Starlette(lifespan=lifespan)
