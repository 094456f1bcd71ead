"""The last visitor is kept on the application, and the answer is larger than a client reads."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

LARGE = "x" * (16 * 2**20 + 1)


def token_for(user_id):
    return user_id


async def chat(websocket):
    await websocket.accept()
    visitor = websocket.headers.get("authorization", "").removeprefix("Bearer ")
    async for _ in websocket.iter_text():
        websocket.app.state.visit = {"visitor": visitor}
        await websocket.send_text(LARGE)


app = Starlette(routes=[WebSocketRoute("/chat", chat)])
