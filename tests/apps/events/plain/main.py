"""Answers each message with one event; needs nothing but Starlette."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


async def answer(websocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_json({"type": "answer", "text": text})


app = Starlette(routes=[WebSocketRoute("/ws", answer)])
