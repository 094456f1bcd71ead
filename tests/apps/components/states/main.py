"""Containers in the states of the application, of what is mounted in it, and of the lifespan."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import MappingProxyType, SimpleNamespace
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Host, Mount


class Pool:
    """A pool of connections."""


POOL = Pool()
api, site = Starlette(), Starlette()


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
    """Fill each state."""
    app.state.ctx = SimpleNamespace(pool=Pool())
    api.state.ctx = SimpleNamespace(pool=POOL)
    site.state.ctx = MappingProxyType({"pool": POOL})
    yield {"ctx": SimpleNamespace(pool=POOL), "only": {"pool": POOL}}


app = Starlette(lifespan=lifespan, routes=[Mount("/api", api), Host("site.example.org", site)])
