"""Startup fails after it started a thread: the cleanup is after the `yield` and is never reached."""

import threading
from contextlib import asynccontextmanager

from starlette.applications import Starlette


def serve(stop):
    stop.wait()


@asynccontextmanager
async def lifespan(app):
    app.state.stop = threading.Event()
    worker = threading.Thread(target=serve, args=(app.state.stop,), name="metrics-exporter")
    worker.start()
    raise RuntimeError("migration 0042 failed")
    yield
    app.state.stop.set()
    worker.join()


app = Starlette(lifespan=lifespan)
