"""Once `lifespan=` is given, the `on_event` handler of the application and the one of its plug-in never run."""

from contextlib import asynccontextmanager

from fastapi import FastAPI

from plugin import Mqtt


@asynccontextmanager
async def lifespan(app):
    app.state.settings = object()
    yield


app = FastAPI(lifespan=lifespan)
Mqtt().init_app(app)


@app.on_event("startup")
async def open_pool():
    app.state.pool = object()
