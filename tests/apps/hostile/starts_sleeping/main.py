"""Blocks the loop in the middle of startup."""

import time
from contextlib import asynccontextmanager

from starlette.applications import Starlette


def wait_for_database():
    time.sleep(3600)


@asynccontextmanager
async def lifespan(app):
    app.state.settings = object()
    wait_for_database()
    yield


app = Starlette(lifespan=lifespan)
