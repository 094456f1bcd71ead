"""The application, with another one mounted in it, a middleware, and a limiter of a library."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from slowapi import Limiter
from slowapi.util import get_remote_address
from starlette.middleware.base import BaseHTTPMiddleware

from shop import admin, routes
from shop.services import Lazy, Machine, Plain, Pool, Proxy, Registry, Repository


def pools() -> dict[str, Pool]:
    return {f"{letter}pha" if letter == "al" else "beta": Pool() for letter in ("al", "be")}


class TenantMiddleware:
    """Writes into the state of each request."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        scope.setdefault("state", {})["tenant"] = "t"
        await self.app(scope, receive, send)


async def add_user(request: Request, call_next: Any) -> Any:
    request.state.user = "ada"
    return await call_next(request)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    app.state.pool = Pool()
    app.state.proxy = Proxy(Pool())
    app.state.machine = Machine()
    app.state.lazy = Lazy()
    app.state.plain = Plain()
    app.state.repository = Repository()
    app.state.registry = Registry(app.state)
    app.state.requests = 0
    for name, pool in pools().items():
        setattr(app.state, name, pool)  # the recorder sees the names
    if app.state.requests:
        app.state.rarely = Pool()
    yield {"yielded": Pool()}


app = FastAPI(lifespan=lifespan)
app.state.limiter = Limiter(key_func=get_remote_address)
app.add_middleware(TenantMiddleware)
app.add_middleware(BaseHTTPMiddleware, dispatch=add_user)
app.include_router(routes.router)
app.mount("/admin", admin.app)
