"""A wrapper raises before the lifespan is answered; a server takes that for "lifespan is not supported"."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    yield


inner = Starlette(lifespan=lifespan)


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise RuntimeError("no tracing backend configured")
    await inner(scope, receive, send)
