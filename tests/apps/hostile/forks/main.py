"""Forks at startup; the child goes on as if it were the application."""

import os
import threading
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    if os.fork() == 0:
        threading.Event().wait()
    yield


app = Starlette(lifespan=lifespan)
