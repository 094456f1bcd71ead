"""One task sends the events of all users, so that it waits for the slowest."""

import asyncio
import contextlib

from parts import accepted, messages, run_of
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def sender(queue):
    while True:
        websocket, event = await queue.get()
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await websocket.send_json(event)


@contextlib.asynccontextmanager
async def lifespan(app):
    app.state.outgoing = asyncio.Queue()
    task = asyncio.create_task(sender(app.state.outgoing))
    yield
    task.cancel()


async def chat(websocket):
    user = await accepted(websocket)
    if user is None:
        return
    async for _ in messages(websocket):
        for event in run_of(user):
            websocket.app.state.outgoing.put_nowait((websocket, {**event, "text": "x" * 1000}))


app = Starlette(routes=[WebSocketRoute("/ws", chat)], lifespan=lifespan)
