"""A worker for all requests is started in the first one, and keeps its context variables."""

import asyncio
import contextlib
from contextvars import ContextVar

from parts import accepted, messages, run_of
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

current_user = ContextVar("current_user")


class Worker:
    task = None

    def start(self):
        self.jobs = asyncio.Queue()
        self.task = asyncio.create_task(self.work())

    async def work(self):
        while True:
            answer = await self.jobs.get()
            answer.set_result(run_of(current_user.get()))


worker = Worker()


@contextlib.asynccontextmanager
async def lifespan(app):
    yield
    if worker.task:
        worker.task.cancel()


async def chat(websocket):
    user = await accepted(websocket)
    if user is None:
        return
    current_user.set(user)
    if worker.task is None:
        worker.start()
    async for _ in messages(websocket):
        answer = asyncio.get_running_loop().create_future()
        await worker.jobs.put(answer)
        for event in await answer:
            await websocket.send_json(event)


app = Starlette(routes=[WebSocketRoute("/ws", chat)], lifespan=lifespan)
