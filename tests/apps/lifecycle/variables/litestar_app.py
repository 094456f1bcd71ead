"""Litestar runs its lifespan in the task of the server, too."""

from contextlib import asynccontextmanager
from contextvars import ContextVar

from litestar import Litestar, get

number: ContextVar[int] = ContextVar("number", default=0)


@asynccontextmanager
async def set_number(app: Litestar):
    token = number.set(1)
    try:
        yield
    finally:
        number.reset(token)


@get("/")
async def example() -> int:
    return number.get()


def create_app() -> Litestar:
    return Litestar([example], lifespan=[set_number])
