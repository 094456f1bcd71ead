"""Startups that fail inside of libraries and of generated code, below the application's own lines."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shop.database import Database, Settings
from starlette.applications import Starlette
from starlette.datastructures import State


@asynccontextmanager
async def failing(app: Starlette) -> AsyncIterator[None]:
    app.state.database = open_database()
    yield


def open_database() -> Database:
    database = Database("sqlite://")
    database.ping(password="hunter2")
    return database


def write(state: State) -> None:
    vars(State)["__setattr__"](state, "cache", None)


async def read_settings() -> None:
    Settings("postgresql://shop@database/shop")


@asynccontextmanager
async def passing(app: Starlette) -> AsyncIterator[None]:
    write(app.state)
    app.state.reader = asyncio.create_task(read_settings())
    app.state.pinger = asyncio.create_task(asyncio.to_thread(Database("sqlite://").ping, password=""))
    yield


app = Starlette(lifespan=failing)
started = Starlette(lifespan=passing)
