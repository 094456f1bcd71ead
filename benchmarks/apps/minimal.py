"""A FastAPI application that does nothing else: booting it takes as long as importing FastAPI."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI


class Pool:
    def add_connection(self, user_id: str) -> None: ...


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.pool = Pool()
    app.state.settings = {"name": "shop"}
    yield
    app.state.pool = None


app = FastAPI(lifespan=lifespan)
