"""Generators that startup advances by hand, in several ways, and that nothing resumes."""

from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

KEPT = []


class Pool:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        pass


async def dropped_at_once(app):
    app.state.dropped = Pool()
    yield
    del app.state.dropped


async def closed_too_early(app):
    async with Pool() as app.state.pool:
        yield app.state.pool


async def kept_in_global(app):
    try:
        yield
    finally:
        KEPT.clear()


async def kept_in_variable(app):
    yield {
        "variable": 1,
    }
    app.state.variable = None


class Backend:
    async def lifespan(self, app):
        yield
        app.state.backend = None


@asynccontextmanager
async def entered_by_hand(app):
    yield
    app.state.entered = None


@asynccontextmanager
async def in_stack(app):
    yield
    app.state.in_stack = None


async def advance(app):
    app.state.pool = await closed_too_early(app).asend(None)


@asynccontextmanager
async def lifespan(app):
    await dropped_at_once(app).__anext__()
    await advance(app)
    KEPT.append(kept_in_global(app))
    await KEPT[0].__anext__()
    variable = kept_in_variable(app)
    await variable.__anext__()
    await Backend().lifespan(app).__anext__()
    manager = entered_by_hand(app)
    await manager.__aenter__()
    app.state.stack = AsyncExitStack()
    await app.state.stack.enter_async_context(in_stack(app))
    yield


app = FastAPI(lifespan=lifespan)


async def services(app):
    yield
    app.state.service = None


def create_app():
    application = FastAPI()

    @application.on_event("startup")
    async def start():
        application.state.services = services(application)
        await application.state.services.__anext__()

    return application
