"""The bridge's listeners keep each user's engine after its release: each is a bound method."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


class Bridge:
    def __init__(self):
        self.listeners = []


class Engine:
    def __init__(self, context):
        self.context = context

    def on_event(self, event):
        return self.context, event


class EngineFactory:
    def __init__(self, bridge):
        self._bridge = bridge

    async def create_for_user(self, context):
        engine = Engine(context)
        self._bridge.listeners.append(engine.on_event)
        return engine

    async def release(self, engine):
        engine.closed = True


@asynccontextmanager
async def lifespan(app):
    app.state.bridge = Bridge()
    app.state.factory = EngineFactory(app.state.bridge)
    yield


app = Starlette(lifespan=lifespan)
