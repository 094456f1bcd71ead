"""Sends itself SIGTERM when it starts."""

import os
import signal
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    os.kill(os.getpid(), signal.SIGTERM)
    yield


app = Starlette(lifespan=lifespan)
