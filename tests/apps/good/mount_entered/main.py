"""Nothing is wrong: the parent's lifespan enters that of the mounted application."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import Mount


@asynccontextmanager
async def api_lifespan(app):
    app.state.pool = object()
    yield


api = Starlette(lifespan=api_lifespan)


@asynccontextmanager
async def lifespan(app):
    async with api.router.lifespan_context(api):
        yield


app = Starlette(routes=[Mount("/api", api)], lifespan=lifespan)
