"""A user's events go to all of its own sockets; when one comes or goes meanwhile, the sending dies for good."""

import asyncio
import contextlib

from parts import accepted, messages, run_of
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


class Room:
    """The sockets of one user, and the task that sends to them."""

    def __init__(self):
        self.sockets = set()
        self.events = asyncio.Queue()
        self.task = asyncio.create_task(self.send())

    async def send(self):
        while True:
            event = await self.events.get()
            for websocket in self.sockets:
                with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                    await websocket.send_json(event)
                await asyncio.sleep(0.02)  # a network slower than the loopback


rooms = {}


@contextlib.asynccontextmanager
async def lifespan(app):
    yield
    for room in rooms.values():
        room.task.cancel()


async def chat(websocket):
    user = await accepted(websocket)
    if user is None:
        return
    if user not in rooms:
        rooms[user] = Room()
    room = rooms[user]
    room.sockets.add(websocket)
    try:
        async for _ in messages(websocket):
            for event in run_of(user):
                room.events.put_nowait(event)
    finally:
        await asyncio.sleep(0.1)  # when the user was last seen is stored
        room.sockets.discard(websocket)


app = Starlette(routes=[WebSocketRoute("/ws", chat)], lifespan=lifespan)
