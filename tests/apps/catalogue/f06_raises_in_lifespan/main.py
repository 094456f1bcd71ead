"""The lifespan raises before its answer: the framework says `startup.failed` and raises on."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    app.state.settings = object()
    raise RuntimeError("no such table: users")
    yield


app = Starlette(lifespan=lifespan)
