"""The supervisor keeps each user's engine after its release."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


class Supervisor:
    def __init__(self):
        self.engines = {}


class Engine:
    def __init__(self, context):
        self.context = context


class EngineFactory:
    def __init__(self, supervisor):
        self._supervisor = supervisor

    async def create_for_user(self, context):
        engine = self._supervisor.engines[context.user_id] = Engine(context)
        return engine

    async def release(self, engine):
        engine.closed = True


@asynccontextmanager
async def lifespan(app):
    app.state.supervisor = Supervisor()
    app.state.factory = EngineFactory(app.state.supervisor)
    yield


app = Starlette(lifespan=lifespan)
