"""Lifespans of several kinds yield a mapping, and wrappers of several kinds drop it."""

from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.applications import Starlette


class Pool:
    pass


@asynccontextmanager
async def lifespan(app):
    yield {"pool": Pool()}


class ClassLifespan:
    def __init__(self, app):
        self.app = app

    async def __aenter__(self):  # a mapping
        return {"pool": Pool()}

    async def __aexit__(self, *error):
        pass


class Timed:
    """Measures how long another context takes to be entered."""

    def __init__(self, inner):
        self.inner = inner
        self.entered = 0

    async def __aenter__(self):
        try:
            return await self.inner.__aenter__()
        finally:
            self.entered += 1

    async def __aexit__(self, *error):
        return await self.inner.__aexit__(*error)


class Forgetful(Timed):
    async def __aenter__(self) -> None:
        await self.inner.__aenter__()


def combined(*lifespans):
    @asynccontextmanager
    async def enter_all(app):
        async with AsyncExitStack() as stack:
            for each in lifespans:
                await stack.enter_async_context(each(app))
            yield

    return enter_all


def renamed(inner):
    @asynccontextmanager
    async def wrapper(app):
        async with inner(app) as state:
            yield {"other": Pool()}

    return wrapper


of_stack = Starlette(lifespan=combined(lifespan))
of_class = Starlette(lifespan=combined(ClassLifespan))
of_timed = FastAPI(lifespan=combined(lambda app: Timed(lifespan(app))))
of_forgetful = FastAPI(lifespan=lambda app: Forgetful(lifespan(app)))
of_renamed = Starlette(lifespan=renamed(lifespan))
