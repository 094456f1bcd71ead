"""Each event is sent by a task of its own, so that short ones overtake long ones."""

import asyncio

from parts import accepted, messages, run_of
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


async def send(websocket, event):
    if event["type"] == "tool_completed":
        await asyncio.sleep(0.02)  # a long result is rendered
    await websocket.send_json(event)


async def chat(websocket):
    user = await accepted(websocket)
    if user is None:
        return
    async for _ in messages(websocket):
        await asyncio.gather(*(send(websocket, event) for event in run_of(user)))


app = Starlette(routes=[WebSocketRoute("/ws", chat)])
