"""The emitter's history is an attribute of its class."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette

RETRIES = 3


class Emitter:
    retries = RETRIES
    history = []

    def __init__(self, context):
        self.context = context

    def emit(self, event):
        self.history.append(event)


class Engine:
    def __init__(self, context):
        self.emitter = Emitter(context)


class EngineFactory:
    async def create_for_user(self, context):
        return Engine(context)

    async def release(self, engine):
        engine.emitter = None


@asynccontextmanager
async def lifespan(app):
    app.state.factory = EngineFactory()
    yield


app = Starlette(lifespan=lifespan)
