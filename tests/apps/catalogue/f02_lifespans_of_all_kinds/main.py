"""Mounted applications with lifespans of every kind. `entered` enters all of them, `forgotten` none."""

from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from fastapi import FastAPI
from litestar import Litestar, asgi
from starlette.applications import Starlette
from starlette.routing import Host, Mount, Route, Router


def generator():
    @asynccontextmanager
    async def lifespan(app):
        yield

    return lifespan


class Life:
    def __init__(self, app):
        self.app = app

    async def __aenter__(self):
        pass

    async def __aexit__(self, *raised):
        pass


class Reusable(Life):
    def __init__(self):
        pass

    def __call__(self, app):
        return self


class Service:
    @asynccontextmanager
    async def lifespan(self, app):
        yield


def plain(app):
    return Life(app)


class AnyAttribute:
    def __init__(self, inner):
        self.whatever = inner

    async def __call__(self, scope, receive, send):
        await self.whatever(scope, receive, send)


def decorated(inner):
    async def wrapped(scope, receive, send):
        await inner(scope, receive, send)

    return wrapped


in_litestar = FastAPI(lifespan=generator())


@asgi("/in-litestar", is_mount=True, copy_scope=True)
async def pass_on(scope: "dict", receive: "object", send: "object") -> None:
    await in_litestar(scope, receive, send)


async def prepare():
    pass


async def prepare_once():
    pass


@asynccontextmanager
async def only_prepares(_):
    await prepare_once()
    yield


def build(enter):
    mounted = {
        "/generator": FastAPI(lifespan=generator()),
        "/class": Starlette(lifespan=Life),
        "/instance": FastAPI(lifespan=Reusable()),
        "/lambda": FastAPI(lifespan=lambda app: Life(app)),
        "/function": FastAPI(lifespan=plain),
        "/partial": FastAPI(lifespan=partial(lambda name, app: Life(app), "partial")),
        "/method": FastAPI(lifespan=Service().lifespan),
        "/router": Router(lifespan=generator()),
        "/litestar": Litestar(on_startup=[prepare]),
        "/litestar-lifespan": Litestar(lifespan=[generator()]),
        "/outer-litestar": Litestar([pass_on]),
        "/prepared": FastAPI(lifespan=only_prepares),
    }
    host = FastAPI(lifespan=generator())
    endpoint = Starlette(lifespan=generator())

    class LocalLife(Life):
        pass

    @asynccontextmanager
    async def lifespan(app):
        late = FastAPI(lifespan=LocalLife)
        app.mount("/late", late)
        async with AsyncExitStack() as stack:
            for sub in [*mounted.values(), host, endpoint, late, in_litestar] if enter else ():
                if sub is mounted["/prepared"]:
                    await prepare_once()
                elif isinstance(sub, Litestar):
                    await stack.enter_async_context(sub.lifespan())
                else:
                    router = getattr(sub, "router", sub)
                    await stack.enter_async_context(router.lifespan_context(sub))
            yield

    wrappers = (lambda app: app, AnyAttribute, decorated)
    routes = [
        Mount(path, app=wrappers[position % len(wrappers)](sub)) for position, (path, sub) in enumerate(mounted.items())
    ]
    more = [Host("api.example.org", app=host), Route("/endpoint", endpoint=endpoint)]
    return Starlette(routes=[*more, *routes], lifespan=lifespan)


def entered():
    return build(True)


def forgotten():
    return build(False)
