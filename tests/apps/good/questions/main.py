"""Nothing is wrong: reads of what is not there that ask, or are caught, are questions."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app):
    if not hasattr(app.state, "pool"):
        app.state.pool = object()
    app.state.limit = getattr(app.state, "limit", None) or 10
    try:
        app.state.bridge
    except AttributeError:
        app.state.bridge = object()
    try:
        app.state["cache"]
    except KeyError:
        app.state["cache"] = {}
    yield


app = Starlette(lifespan=lifespan)
