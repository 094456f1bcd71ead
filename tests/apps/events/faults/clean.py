"""Nothing is wrong: each socket is served by itself."""

from parts import accepted, messages, run_of
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


async def chat(websocket):
    user = await accepted(websocket)
    if user is None:
        return
    async for _ in messages(websocket):
        for event in run_of(user):
            await websocket.send_json(event)


app = Starlette(routes=[WebSocketRoute("/ws", chat)])
