"""Nobody enters the application mounted at `/` inside the one mounted at `/api`, which has an ignored handler."""

from contextlib import asynccontextmanager

from fastapi import FastAPI


@asynccontextmanager
async def pages_lifespan(app):
    app.state.pages = object()
    yield


@asynccontextmanager
async def api_lifespan(app):
    app.state.settings = object()
    yield


@asynccontextmanager
async def lifespan(app):
    async with api.router.lifespan_context(api):
        yield


pages = FastAPI(lifespan=pages_lifespan)
api = FastAPI(lifespan=api_lifespan)
app = FastAPI(lifespan=lifespan)


@api.on_event("startup")
async def open_pool():
    api.state.pool = object()


api.mount("/", pages)
app.mount("/api", api)
