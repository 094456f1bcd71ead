"""One component is set after work in a thread, the next after a wait."""

import asyncio
import time
from contextlib import asynccontextmanager

from fastapi import FastAPI

from netra_contracts.declare import Phase, startup_phase

MS = 40


def load_model() -> object:
    until = time.process_time() + MS / 1000
    while time.process_time() < until:
        pass
    return object()


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with startup_phase(app, Phase.INITIALIZATION):
        app.state.model = await asyncio.to_thread(load_model)
    await asyncio.sleep(MS / 1000)
    app.state.connection = object()
    yield


app = FastAPI(lifespan=lifespan)
