"""Dies by a segmentation fault in the middle of startup."""

import ctypes
from contextlib import asynccontextmanager

from starlette.applications import Starlette


def decode():
    ctypes.string_at(0)


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    decode()
    yield


app = Starlette(lifespan=lifespan)
