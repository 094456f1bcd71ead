"""Nothing is wrong: a Starlette application whose lifespan yields a mapping."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


class Pool:
    pass


class Limits:
    pass


@asynccontextmanager
async def lifespan(app):
    yield {"pool": Pool(), "limits": Limits()}


app = Starlette(lifespan=lifespan)
