"""One manager knows all sockets, and sends every event to each of them."""

from parts import accepted, messages, run_of
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


class ConnectionManager:
    def __init__(self):
        self.connections = []

    async def broadcast(self, event):
        for websocket in list(self.connections):
            await websocket.send_json(event)


manager = ConnectionManager()


async def chat(websocket):
    user = await accepted(websocket)
    if user is None:
        return
    manager.connections.append(websocket)
    try:
        async for _ in messages(websocket):
            for event in run_of(user):
                await manager.broadcast(event)
    finally:
        manager.connections.remove(websocket)


app = Starlette(routes=[WebSocketRoute("/ws", chat)])
