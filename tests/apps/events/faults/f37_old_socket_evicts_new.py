"""A socket that closes takes its user out, though the user is there again on a newer one."""

from parts import accepted, messages, run_of
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

connections = {}


async def send(user, event):
    if user in connections:
        await connections[user].send_json(event)


async def chat(websocket):
    user = await accepted(websocket)
    if user is None:
        return
    connections[user] = websocket
    try:
        async for _ in messages(websocket):
            for event in run_of(user):
                await send(user, event)
    finally:
        connections.pop(user, None)


app = Starlette(routes=[WebSocketRoute("/ws", chat)])
