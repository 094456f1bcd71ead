"""Starts a process and leaves it behind."""

import subprocess
import sys
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.worker = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
    yield


app = Starlette(lifespan=lifespan)
