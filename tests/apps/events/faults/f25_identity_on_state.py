"""Who asks is kept on the application, where the next request overwrites it."""

import asyncio

from parts import accepted, messages, run_of
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


async def chat(websocket):
    user = await accepted(websocket)
    if user is None:
        return
    async for _ in messages(websocket):
        websocket.app.state.current_user = user
        await asyncio.sleep(0.02)
        for event in run_of(websocket.app.state.current_user):
            await websocket.send_json(event)


app = Starlette(routes=[WebSocketRoute("/ws", chat)])
