"""The process ends while it serves a user."""

import ctypes
import os
import sys

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


async def exits(websocket):
    await websocket.accept()
    await websocket.receive_text()
    os._exit(3)


async def crashes(websocket):
    await websocket.accept()
    await websocket.receive_text()
    ctypes.string_at(0)


async def leaves(websocket):
    await websocket.accept()
    await websocket.receive_text()
    sys.exit(4)


app = Starlette(
    routes=[
        WebSocketRoute("/exits", exits),
        WebSocketRoute("/crashes", crashes),
        WebSocketRoute("/leaves", leaves),
    ]
)
