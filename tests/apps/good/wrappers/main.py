"""Applications inside wrappers of every kind, one inside the other. The outermost dispatches by prefix."""

import functools
from contextlib import asynccontextmanager

import socketio
from fastapi import FastAPI


class Pool:
    pass


@asynccontextmanager
async def lifespan(app):
    app.state.pool = Pool()
    yield


class Slots:
    __slots__ = ("_inner",)

    def __init__(self, inner):
        self._inner = inner

    async def __call__(self, scope, receive, send):
        await self._inner(scope, receive, send)


class Middleware:
    def __init__(self, inner):
        self.__inner = inner

    async def handle(self, scope, receive, send):
        await self.__inner(scope, receive, send)


class Lazy:
    def __init__(self, create):
        self.create = create
        self.created = None

    async def __call__(self, scope, receive, send):
        if self.created is None:
            self.created = self.create()
        await self.created(scope, receive, send)


class Dispatcher:
    def __init__(self, applications):
        self.applications = applications

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self.applications["/"](scope, receive, send)
            return
        for prefix, application in self.applications.items():
            if scope["path"].startswith(prefix):
                await application(scope, receive, send)
                return


def logged(inner):
    @functools.wraps(inner)
    async def wrapped(scope, receive, send):
        await inner(scope, receive, send)

    return wrapped


async def forward(inner, scope, receive, send):
    await inner(scope, receive, send)


def create():
    return FastAPI(lifespan=lifespan)


def create_state_application():
    """A factory that refers to an application, and is none."""
    return wrapped


wrapped = socketio.ASGIApp(
    socketio.AsyncServer(async_mode="asgi"),
    logged(functools.partial(forward, Middleware(Slots(create())).handle)),
)
app = Dispatcher({"/admin": FastAPI(), "/": wrapped})
lazy = Lazy(create)
