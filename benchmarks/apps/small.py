"""A FastAPI application that boots in about half a second: FastAPI itself, and work at import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

WORK = 5_000_000


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.pool = object()
    app.state.settings = {"name": "shop"}
    yield
    app.state.pool = None


total = 0
for number in range(WORK):
    total += number

app = FastAPI(lifespan=lifespan)
