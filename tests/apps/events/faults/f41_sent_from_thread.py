"""A tool sends its result from its own thread, where no event loop is running."""

import asyncio
import threading

from parts import accepted, messages, run_of
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


def tool(websocket, event):
    asyncio.get_running_loop().create_task(websocket.send_json(event))


async def chat(websocket):
    user = await accepted(websocket)
    if user is None:
        return
    async for _ in messages(websocket):
        started, result, completed = run_of(user)
        await websocket.send_json(started)
        threading.Thread(target=tool, args=(websocket, result), name="tool").start()
        await websocket.send_json(completed)


app = Starlette(routes=[WebSocketRoute("/ws", chat)])
