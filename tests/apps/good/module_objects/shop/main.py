"""The application, and a factory of one."""

from contextlib import asynccontextmanager

import httpx
from fastapi import APIRouter, FastAPI
from shop import db
from shop.db import FREE, Registry, engine, replica  # noqa: F401 - imports are no definitions
from shop.settings import settings  # noqa: F401

router = APIRouter()
root = Registry.root
http = httpx.AsyncClient()
built = None


@asynccontextmanager
async def lifespan(app: FastAPI):
    db.assigned_elsewhere = db.Engine()
    await db.start(with_pool=False)
    yield


def create_app() -> FastAPI:
    global built
    built = db.Engine()
    return FastAPI(lifespan=lifespan)


app = FastAPI(lifespan=lifespan)
app.include_router(router)
