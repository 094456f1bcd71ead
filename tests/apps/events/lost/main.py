"""Components that are lost after startup: by a task, by a factory, and by a client's request."""

import asyncio
import contextlib

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


class Pool:
    pass


class DeadPool:
    pass


class Agent:
    def __init__(self, user):
        self.user = user


def token(user):
    return user


async def lose(state):
    await asyncio.sleep(0.01)  # startup has ended
    state.lost_by_task = None


async def consume():
    raise ConnectionError("the broker closed the connection")


def create_agent(user):
    app.state.lost_by_factory = None
    return Agent(user)


async def chat(websocket):
    await websocket.accept()
    state = app.state
    state.set_to_none = None
    with contextlib.suppress(AttributeError):
        del state.deleted
    state.replaced = DeadPool()
    state.rotated = Pool()
    state.cleared = None
    state.sessions["user"] = websocket
    async for _ in websocket.iter_json():
        await websocket.send_json({"type": "done"})


@contextlib.asynccontextmanager
async def lifespan(app):
    state = app.state
    state.lost_by_task = state.lost_by_factory = Pool()
    state.set_to_none = Pool()
    state.deleted = Pool()
    state.replaced = Pool()
    state.rotated = Pool()
    state.cleared = Pool()
    state.sessions = {}
    state.create_agent = create_agent
    state.consumer = asyncio.create_task(consume())
    state.loser = asyncio.create_task(lose(state))
    yield
    state.rotated = None


app = Starlette(lifespan=lifespan, routes=[WebSocketRoute("/ws", chat)])
