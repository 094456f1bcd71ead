"""Instances for users, made and let go in each of the ways that factories have, and nothing shared."""

from contextlib import asynccontextmanager, contextmanager

import anyio
from fastapi import FastAPI


class Emitter:
    def __init__(self, user_id):
        self.user_id = user_id
        self.pending = []


class Engine:
    def __init__(self, user_id):
        self.emitter = Emitter(user_id)
        self.on_event = lambda event: self.emitter.pending.append(event)


class SlottedEngine:
    __slots__ = ("__weakref__", "emitter", "steps")

    def __init__(self, user_id):
        self.emitter = Emitter(user_id)
        self.steps = {user_id: []}


class PlainFactory:
    """Sync: nothing to release."""

    def create(self, user_id):
        return Engine(user_id)


class ReleasingFactory:
    """Async, and a release that takes out what creating put in."""

    def __init__(self):
        self._active = {}

    async def create(self, user_id):
        await anyio.lowlevel.checkpoint()
        engine = self._active[user_id] = Engine(user_id)
        return engine

    async def release(self, engine):
        await anyio.lowlevel.checkpoint()
        del self._active[engine.emitter.user_id]


class SlottedFactory:
    """Instances that have slots and no `__dict__`."""

    def create(self, user_id):
        return SlottedEngine(user_id)

    def release(self, engine):
        engine.steps.clear()


class ScopeFactory:
    """An async context manager."""

    def __init__(self):
        self.active = set()

    @asynccontextmanager
    async def create(self, user_id):
        engine = Engine(user_id)
        self.active.add(engine)
        yield engine
        self.active.discard(engine)


class TaskGroupFactory:
    """An async context manager that has to be left in the task that entered it: anyio sees to that."""

    @asynccontextmanager
    async def create(self, user_id):
        engine = Engine(user_id)
        with anyio.CancelScope():
            async with anyio.create_task_group() as group:
                group.start_soon(anyio.sleep_forever)
                yield engine
                group.cancel_scope.cancel()


class BlockFactory:
    """A plain context manager."""

    @contextmanager
    def create(self, user_id):
        yield Engine(user_id)


@asynccontextmanager
async def lifespan(app):
    app.state.plain = PlainFactory()
    app.state.releasing = ReleasingFactory()
    app.state.slotted = SlottedFactory()
    app.state.scope = ScopeFactory()
    app.state.task_group = TaskGroupFactory()
    app.state.block = BlockFactory()
    yield


app = FastAPI(lifespan=lifespan)
