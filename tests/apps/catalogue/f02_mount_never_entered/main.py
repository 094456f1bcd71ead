"""The lifespan of the mounted application never runs, so its state stays empty."""

from contextlib import asynccontextmanager

from fastapi import FastAPI


@asynccontextmanager
async def api_lifespan(app):
    app.state.pool = object()
    yield


@asynccontextmanager
async def lifespan(app):
    app.state.settings = object()
    yield


api = FastAPI(lifespan=api_lifespan)
app = FastAPI(lifespan=lifespan)
app.mount("/api", api)
