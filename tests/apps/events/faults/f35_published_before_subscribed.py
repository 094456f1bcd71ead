"""The run ends before anyone listens for its end."""

import asyncio

from parts import accepted, messages, run_of
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


class Bus:
    def __init__(self):
        self.queues = {}

    def subscribe(self, run):
        return self.queues.setdefault(run, asyncio.Queue())

    def publish(self, event):
        if event["run"] in self.queues:
            self.queues[event["run"]].put_nowait(event)


bus = Bus()


async def chat(websocket):
    user = await accepted(websocket)
    if user is None:
        return
    async for _ in messages(websocket):
        *progress, completed = run_of(user)
        for event in progress:
            await websocket.send_json(event)
        bus.publish(completed)
        queue = bus.subscribe(completed["run"])
        await websocket.send_json(await queue.get())


app = Starlette(routes=[WebSocketRoute("/ws", chat)])
