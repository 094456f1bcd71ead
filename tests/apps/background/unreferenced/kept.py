"""Tasks whose results are dropped or kept, and which something refers to."""

import asyncio
import contextlib
import socket

from starlette.applications import Starlette

TASKS = set()


async def tick():
    while True:
        await asyncio.sleep(3600)


async def consume(queue):
    while True:
        await queue.get()


async def receive(reader):
    await asyncio.get_running_loop().sock_recv(reader, 1)


async def wait_for_ever():
    await asyncio.Event().wait()


async def limited():
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), 3600)


async def ends():
    await asyncio.sleep(0)


async def in_a_thread(released):
    await asyncio.get_running_loop().run_in_executor(None, released.wait)


class Worker:
    async def start(self):
        self.stopped = asyncio.Event()
        asyncio.create_task(self.run())  # the component has the event that it waits for

    async def run(self):
        await self.stopped.wait()


@contextlib.asynccontextmanager
async def lifespan(app):
    import threading

    app.state.queue = asyncio.Queue()
    app.state.worker = Worker()
    await app.state.worker.start()
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    released = threading.Event()
    before = asyncio.all_tasks()
    asyncio.create_task(tick())
    asyncio.create_task(consume(app.state.queue))
    asyncio.create_task(receive(reader))
    asyncio.create_task(limited())
    asyncio.create_task(ends())
    asyncio.create_task(in_a_thread(released))
    TASKS.add(asyncio.create_task(wait_for_ever()))
    app.state.task = asyncio.create_task(wait_for_ever())
    local = asyncio.create_task(wait_for_ever())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    yield
    released.set()
    app.state.worker.stopped.set()
    local.cancel()
    for task in asyncio.all_tasks() - before:
        task.cancel()
    reader.close()
    writer.close()


app = Starlette(lifespan=lifespan)
