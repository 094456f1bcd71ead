"""Nothing is wrong: a FastAPI application whose lifespan fills `app.state`."""

from contextlib import asynccontextmanager

from fastapi import FastAPI


class Pool:
    def close(self):
        """Give the connections back."""


class Bridge:
    def __init__(self, pool):
        self.pool = pool


@asynccontextmanager
async def lifespan(app):
    app.state.pool = Pool()
    app.state.bridge = Bridge(app.state.pool)
    yield
    app.state.pool.close()


app = FastAPI(lifespan=lifespan)
