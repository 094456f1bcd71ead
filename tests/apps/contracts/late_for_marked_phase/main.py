"""The bridge is built in the phase after the one by whose end it must be there."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette

from netra_contracts.declare import Phase, startup_phase
from parts import Bridge, Pool


@asynccontextmanager
async def lifespan(app):
    async with startup_phase(app, Phase.INITIALIZATION):
        app.state.pool = Pool()
    async with startup_phase(app, Phase.CONFIGURATION):
        app.state.settings = object()
    async with startup_phase(app, Phase.INTEGRATION):
        app.state.bridge = Bridge(app.state.pool)
    yield


app = Starlette(lifespan=lifespan)
