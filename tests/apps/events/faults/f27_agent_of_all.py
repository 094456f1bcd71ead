"""One agent for all users: each request writes its user into it, and the last one has it."""

import asyncio
import contextlib

from parts import accepted, messages, run_of
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


class Agent:
    user = None

    async def events(self):
        await asyncio.sleep(0.02)
        return run_of(self.user)


@contextlib.asynccontextmanager
async def lifespan(app):
    app.state.agent = Agent()
    yield


async def chat(websocket):
    user = await accepted(websocket)
    if user is None:
        return
    agent = websocket.app.state.agent
    async for _ in messages(websocket):
        agent.user = user
        for event in await agent.events():
            await websocket.send_json(event)


app = Starlette(routes=[WebSocketRoute("/ws", chat)], lifespan=lifespan)
