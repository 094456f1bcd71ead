"""A function that is given the variables sets them for each request."""

from contextlib import asynccontextmanager
from contextvars import ContextVar

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

pool = ContextVar("pool")
values = {}


def bind(variable):
    variable.set(values[variable])


@asynccontextmanager
async def lifespan(app):
    values[pool] = object()
    pool.set(values[pool])
    yield


async def index(request):
    bind(pool)
    return PlainTextResponse(str(pool.get()))


app = Starlette(routes=[Route("/", index)], lifespan=lifespan)
