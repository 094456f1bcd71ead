"""The outer application ignores its handler; a router that it includes mounts an application that nobody enters."""

from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI


@asynccontextmanager
async def pages_lifespan(app):
    app.state.pages = object()
    yield


@asynccontextmanager
async def lifespan(app):
    app.state.settings = object()
    yield


router = APIRouter()
router.mount("/", FastAPI(lifespan=pages_lifespan))
app = FastAPI(lifespan=lifespan)


@app.on_event("startup")
async def open_pool():
    app.state.pool = object()


app.include_router(router, prefix="/site")
