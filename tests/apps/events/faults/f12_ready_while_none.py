"""The bridge could not be made, and the readiness URL does not look at it."""

import contextlib

from clean import chat
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute


class Bridge:
    def __init__(self):
        raise ConnectionError("no broker")


@contextlib.asynccontextmanager
async def lifespan(app):
    try:
        app.state.bridge = Bridge()
    except ConnectionError:
        app.state.bridge = None
    yield


async def ready(request):
    return PlainTextResponse("ready")


app = Starlette(routes=[Route("/ready", ready), WebSocketRoute("/ws", chat)], lifespan=lifespan)
