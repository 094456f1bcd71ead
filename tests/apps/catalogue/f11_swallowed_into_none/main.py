"""The failure is swallowed, the component left None, and the application calls itself healthy, until its shutdown."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


class Bridge:
    def __init__(self):
        raise OSError("broker is not there")


@asynccontextmanager
async def lifespan(app):
    try:
        app.state.bridge = Bridge()
    except Exception:
        app.state.bridge = None
    app.state.healthy = True
    yield
    bridge = app.state.bridge
    await bridge.close()


app = Starlette(lifespan=lifespan)
