"""The emitter's pending events are the default of an argument."""

from contextlib import asynccontextmanager

from fastapi import FastAPI


class Emitter:
    def __init__(self, context, pending=[]):
        self.context = context
        self._pending = pending


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


app = FastAPI(lifespan=lifespan)
