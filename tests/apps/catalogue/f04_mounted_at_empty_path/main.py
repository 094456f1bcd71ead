"""As f04_mounted_at_root, with the path spelt "": both the outer handler and the mounted lifespan never run."""

from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.applications import Starlette


@asynccontextmanager
async def site_lifespan(app):
    yield {"pages": object()}


@asynccontextmanager
async def lifespan(app):
    app.state.settings = object()
    yield


app = FastAPI(lifespan=lifespan)


@app.on_event("startup")
async def open_pool():
    app.state.pool = object()


app.mount("", Starlette(lifespan=site_lifespan))
