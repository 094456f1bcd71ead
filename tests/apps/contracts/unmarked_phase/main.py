"""The block of the configuration phase is gone; a copy marks all phases, or none."""

from contextlib import asynccontextmanager, nullcontext

from starlette.applications import Starlette

from netra_contracts.declare import Phase, startup_phase


def application(*marked):
    @asynccontextmanager
    async def lifespan(app):
        def phase(which):
            return startup_phase(app, which) if which in marked else nullcontext()

        with phase(Phase.INITIALIZATION):
            app.state.pool = {}
        with phase(Phase.CONFIGURATION):
            app.state.bridge = [app.state.pool]
        yield

    return Starlette(lifespan=lifespan)


app = application(Phase.INITIALIZATION)
marked = application(Phase.INITIALIZATION, Phase.CONFIGURATION)
unmarked = application()
