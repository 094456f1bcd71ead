"""Each engine registers a callback for the whole process, and none takes it out again."""

from contextlib import asynccontextmanager

import callbacks
from starlette.applications import Starlette


class Engine:
    def __init__(self, context):
        self.context = context

    def on_event(self, event):
        return self.context, event


class EngineFactory:
    def create_for_user(self, context):
        engine = Engine(context)
        callbacks.register(engine.on_event)
        return engine

    def release(self, engine):
        pass


@asynccontextmanager
async def lifespan(app):
    app.state.factory = EngineFactory()
    yield


app = Starlette(lifespan=lifespan)
