"""Tasks of the startup that the garbage collector destroys."""

import asyncio
import contextlib
import gc
import weakref

from starlette.applications import Starlette


class Feed:
    """Delivers to subscribers that are alive."""

    def __init__(self):
        self.subscribers = weakref.WeakSet()

    def subscribe(self):
        queue = asyncio.Queue()
        self.subscribers.add(queue)
        return queue


class Watcher:
    def __init__(self):
        self.changed = asyncio.Event()
        asyncio.create_task(self.watch())  # the watcher

    async def watch(self):
        while True:
            await self.changed.wait()
            self.changed.clear()


async def follow(feed):
    queue = feed.subscribe()
    while True:
        await queue.get()


async def wait_for_ever(name):
    await asyncio.get_running_loop().create_future()


async def supervise():
    asyncio.create_task(wait_for_ever("child"))
    await asyncio.Event().wait()


async def waits_for_a_child():
    await asyncio.create_task(wait_for_ever("awaited"))


@contextlib.asynccontextmanager
async def lifespan(app):
    app.state.feed = Feed()
    Watcher()
    await asyncio.sleep(0)
    gc.collect()
    gc.set_threshold(100_000)  # the others are destroyed by no collection of the application
    asyncio.create_task(follow(app.state.feed))  # follows
    asyncio.ensure_future(supervise())  # supervises
    asyncio.get_running_loop().create_task(waits_for_a_child(), name="parent")  # waits for a child
    await asyncio.sleep(0)
    yield


app = Starlette(lifespan=lifespan)
