"""Blocks in C code that keeps the GIL, in the middle of startup."""

import re
from contextlib import asynccontextmanager

from starlette.applications import Starlette


def validate(value):
    return re.match(r"(a+)+$", value)


@asynccontextmanager
async def lifespan(app):
    app.state.settings = object()
    validate("a" * 64 + "b")
    yield


app = Starlette(lifespan=lifespan)
