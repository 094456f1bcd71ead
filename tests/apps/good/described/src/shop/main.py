"""What `init` can prove of a startup: wires, their order, marked phases, public names of types."""

import asyncio
import contextlib
import os

from starlette.applications import Starlette

from netra_contracts.declare import Phase, startup_phase
from shop.services import Bridge, Pool, Repository, Service

URL = os.environ["SHOP_URL"]


@contextlib.asynccontextmanager
async def lifespan(app):
    state = app.state
    with startup_phase(app, Phase.INITIALIZATION):
        state.pool, state.bridge = Pool(), Bridge()
    with startup_phase(app, Phase.CONFIGURATION):
        state.repository = Repository(state.pool)
        state.holder_first = Repository(None)
        state.task = asyncio.ensure_future(asyncio.sleep(3600))
    with startup_phase(app, Phase.INTEGRATION):
        state.bridge.pool = state.pool
        state.service = Service(state.repository, state.bridge)
    state.holder_first._pool = state.set_later = Pool()
    state.nothing = None
    yield
    state.task.cancel()


def build():
    return Starlette(lifespan=lifespan)
