"""Nothing is wrong: a startup that marks its phases."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette

from netra_contracts.declare import Phase, startup_phase


class Pool:
    pass


class Bridge:
    def __init__(self, pool):
        self.pool = pool


class Factory:
    def __init__(self, bridge):
        self.bridge = bridge


@asynccontextmanager
async def lifespan(app):
    state = app.state
    async with startup_phase(app, Phase.INITIALIZATION):
        state.pool = Pool()
    async with startup_phase(app, Phase.CONFIGURATION):
        state.bridge = Bridge(state.pool)
    with startup_phase(app, Phase.INTEGRATION):
        state.factory = Factory(state.bridge)
    async with startup_phase(app, Phase.READINESS):
        state.ready = True
    yield


app = Starlette(lifespan=lifespan)
