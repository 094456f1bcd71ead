"""Each user's emitter puts its events into the one queue of the factory."""

import asyncio
from contextlib import asynccontextmanager

from fastapi import FastAPI


class Emitter:
    def __init__(self, context, queue):
        self._context = context
        self._queue = queue


class Engine:
    def __init__(self, context, queue):
        self._emitter = Emitter(context, queue)


class EngineFactory:
    def __init__(self):
        self._events = asyncio.Queue(100)

    async def create_for_user(self, context):
        return Engine(context, self._events)

    async def release(self, engine):
        pass


@asynccontextmanager
async def lifespan(app):
    app.state.factory = EngineFactory()
    yield


app = FastAPI(lifespan=lifespan)
