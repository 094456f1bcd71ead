"""The lifespan yields a list: each request's copy of the state holds the same one, and each engine is handed it."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


class Engine:
    def __init__(self, context, history):
        self.context = context
        self.history = history


class EngineFactory:
    def __init__(self, history):
        self._history = history

    async def create_for_user(self, context):
        return Engine(context, self._history)

    async def release(self, engine):
        engine.history = None


@asynccontextmanager
async def lifespan(app):
    history = []
    app.state.factory = EngineFactory(history)
    yield {"history": history}


app = Starlette(lifespan=lifespan)
