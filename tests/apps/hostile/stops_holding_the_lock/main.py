"""Shutdown blocks in C code that keeps the GIL."""

import re
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    yield
    re.match(r"(a+)+$", "a" * 64 + "b")


app = Starlette(lifespan=lifespan)
