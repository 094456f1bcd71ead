"""The lifespan yields its pool, where the framework wants a mapping."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


class Pool:
    pass


@asynccontextmanager
async def lifespan(app):
    yield Pool()


app = Starlette(lifespan=lifespan)
