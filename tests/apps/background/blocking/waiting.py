"""A startup that takes long and leaves the event loop free."""

import asyncio
import contextlib
import threading
import time

from starlette.applications import Starlette

SECONDS = 0.2
time.sleep(SECONDS)


def compute():
    until = time.thread_time() + SECONDS
    while time.thread_time() < until:
        sum(range(1000))


async def in_steps():
    for _ in range(15):
        time.sleep(SECONDS / 15)
        await asyncio.sleep(0)


async def connect():
    await asyncio.sleep(SECONDS)  # waits


@contextlib.asynccontextmanager
async def lifespan(app):
    await connect()  # connects
    await asyncio.to_thread(time.sleep, SECONDS)  # in a thread
    await asyncio.get_running_loop().run_in_executor(None, compute)
    thread = threading.Thread(target=compute)
    thread.start()
    await asyncio.sleep(SECONDS)
    await asyncio.gather(in_steps(), in_steps())
    thread.join()
    yield


def create_app():
    time.sleep(SECONDS)
    return Starlette(lifespan=lifespan)
