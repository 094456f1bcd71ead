"""Starts a process in a session of its own, and then hangs."""

import subprocess
import sys
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    code = "import threading; threading.Event().wait()"
    app.state.worker = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    app.state.worker.wait()
    yield


app = Starlette(lifespan=lifespan)
