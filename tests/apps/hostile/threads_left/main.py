"""Starts threads that nothing ends."""

import threading
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    for number in range(3):
        threading.Thread(target=threading.Event().wait, name=f"worker-{number}").start()
    yield


app = Starlette(lifespan=lifespan)
