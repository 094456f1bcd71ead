"""Writes to a pipe once it has reached a stage, and blocks there."""

import asyncio
import os
import threading
from contextlib import asynccontextmanager

from starlette.applications import Starlette

HERE = os.environ.get("STAND_AT", "")


def tell():
    with open(os.environ["STAND_PIPE"], "w") as pipe:
        pipe.write("here")


def stand(place):
    if place == HERE:
        tell()
        threading.Event().wait()


stand("import")


@asynccontextmanager
async def lifespan(app):
    stand("startup")
    if HERE == "await":
        tell()
        await asyncio.Event().wait()
    app.state.pool = object()
    yield
    stand("shutdown")


app = Starlette(lifespan=lifespan)
