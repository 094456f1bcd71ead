"""The lifespan of the mounted application runs, but its `on_event` handler is ignored: it has a `lifespan=`."""

from contextlib import asynccontextmanager

from fastapi import FastAPI


@asynccontextmanager
async def api_lifespan(app):
    app.state.settings = object()
    yield


@asynccontextmanager
async def lifespan(app):
    async with api.router.lifespan_context(api):
        yield


api = FastAPI(lifespan=api_lifespan)
app = FastAPI(lifespan=lifespan)


@api.on_event("startup")
async def open_pool():
    api.state.pool = object()


app.mount("/api", api)
