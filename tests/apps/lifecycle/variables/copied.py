"""A middleware gives each request what the lifespan has set."""

from contextlib import asynccontextmanager
from contextvars import ContextVar, copy_context

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

pool = ContextVar("pool")


class WithContext:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            for variable, value in scope["app"].state.context.items():
                variable.set(value)
        await self.app(scope, receive, send)


@asynccontextmanager
async def lifespan(app):
    pool.set(object())
    app.state.context = copy_context()
    yield


async def index(request):
    return PlainTextResponse(str(pool.get()))


app = Starlette(routes=[Route("/", index)], lifespan=lifespan)
app.add_middleware(WithContext)
