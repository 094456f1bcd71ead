"""Factories that fail, each in its own way, for users who are not there."""

import asyncio
from contextlib import asynccontextmanager

from starlette.applications import Starlette


class Engine:
    def __init__(self, user_id):
        self.user_id = user_id


class Factory:
    """What all of these have in common: nothing is wrong with it."""

    def __init__(self):
        self.limit = 1
        self.made = 0

    def create(self, user_id):
        return Engine(user_id)

    def release(self, engine):
        pass


class Raising(Factory):
    def create(self, user_id):
        raise PermissionError("row-level security is on")


class Hanging(Factory):
    async def create(self, user_id):
        await asyncio.Event().wait()


class OneOnly(Factory):
    def create(self, user_id):
        if self.made:
            raise RuntimeError("the licence is for one engine")
        self.made += 1
        return Engine(user_id)


class Cancelled(Factory):
    async def create(self, user_id):
        raise asyncio.CancelledError


class Forgetful(Factory):
    def create(self, user_id):  # forgets to return it
        Engine(user_id)


class Exhausted(Factory):
    """Has a limit, and forgets to count down."""

    def create(self, user_id):
        if self.made == 8:
            raise OverflowError("8 engines are in use")
        self.made += 1
        return Engine(user_id)


class ReleaseRaises(Factory):
    async def release(self, engine):
        raise ConnectionError("the broker is gone")


class ScopeRaises(Factory):
    @asynccontextmanager
    async def create(self, user_id):
        yield Engine(user_id)
        raise ConnectionError("the broker hung up")


@asynccontextmanager
async def lifespan(app):
    app.state.raising = Raising()
    app.state.hanging = Hanging()
    app.state.one_only = OneOnly()
    app.state.cancelled = Cancelled()
    app.state.forgetful = Forgetful()
    app.state.exhausted = Exhausted()
    app.state.release_raises = ReleaseRaises()
    app.state.scope_raises = ScopeRaises()
    app.state.factory = Factory()
    yield


app = Starlette(lifespan=lifespan)
