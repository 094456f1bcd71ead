"""A startup that blocks the event loop in a greenlet, as SQLAlchemy runs synchronous code."""

import contextlib
import time

import greenlet
from fastapi import APIRouter, FastAPI

SECONDS = 0.25


def migrate():
    time.sleep(SECONDS)  # migrates


@contextlib.asynccontextmanager
async def lifespan(app):
    greenlet.greenlet(migrate).switch()
    yield


app = FastAPI(lifespan=lifespan)
app.include_router(APIRouter())
