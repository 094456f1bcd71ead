"""`os._exit(0)` in the middle of startup, from a thread."""

import asyncio
import os
import threading
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    threading.Thread(target=os._exit, args=(0,)).start()
    await asyncio.Event().wait()
    yield


app = Starlette(lifespan=lifespan)
