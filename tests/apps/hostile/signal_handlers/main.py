"""Installs handlers for every signal it can, and answers none of them."""

import signal
from contextlib import asynccontextmanager

from starlette.applications import Starlette


def ignore(number, frame):
    pass


for number in signal.valid_signals():
    try:
        signal.signal(number, ignore)
    except OSError:
        pass


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    yield


app = Starlette(lifespan=lifespan)
