"""A startup that blocks the event loop in several ways."""

import asyncio
import contextlib
import socket
import threading
import time

from starlette.applications import Starlette

SECONDS = 0.25


def connect():
    time.sleep(SECONDS)  # sleeps


class Model:
    async def load(self):
        until = time.thread_time() + SECONDS
        while time.thread_time() < until:
            sum(range(1000))  # computes


def digest():
    return sum(range(75_000_000))  # holds the lock


def ask(server):
    server.settimeout(SECONDS)
    with contextlib.suppress(socket.timeout):
        server.recvfrom(1)  # waits for an answer


async def warm_up():
    threading.Event().wait(SECONDS)  # warms up


@contextlib.asynccontextmanager
async def lifespan(app):
    connect()
    await Model().load()
    digest()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        await asyncio.sleep(0)
        ask(server)
    app.state.warming = asyncio.create_task(warm_up())
    await app.state.warming
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(lambda: time.sleep(SECONDS))  # called soon
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    yield


app = Starlette(lifespan=lifespan)
