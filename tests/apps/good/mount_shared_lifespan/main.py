"""Nothing is wrong: the mounted application's lifespan was given to the parent, and runs there."""

from contextlib import asynccontextmanager

from fastapi import FastAPI


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    yield


api = FastAPI(lifespan=lifespan)
app = FastAPI(lifespan=lifespan)
app.mount("/api", api)
