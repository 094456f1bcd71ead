"""Each connection subscribes its user, and none takes that back: after a reconnect every event comes twice."""

from parts import accepted, messages, run_of
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

connections = {}
subscribers = {}


async def chat(websocket):
    user = await accepted(websocket)
    if user is None:
        return
    connections[user] = websocket

    async def forward(event):
        if user in connections:
            await connections[user].send_json(event)

    subscribers.setdefault(user, []).append(forward)
    try:
        async for _ in messages(websocket):
            for event in run_of(user):
                for subscriber in subscribers[user]:
                    await subscriber(event)
    finally:
        if connections.get(user) is websocket:
            del connections[user]


app = Starlette(routes=[WebSocketRoute("/ws", chat)])
