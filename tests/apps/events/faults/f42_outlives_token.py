"""The token is verified when the socket opens, and never again."""

from parts import accepted, run_of
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


async def chat(websocket):
    user = await accepted(websocket)
    if user is None:
        return
    async for _ in websocket.iter_text():
        for event in run_of(user):
            await websocket.send_json(event)


app = Starlette(routes=[WebSocketRoute("/ws", chat)])
