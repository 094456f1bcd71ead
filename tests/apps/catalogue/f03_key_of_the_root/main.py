"""A key that was set on the root's state is read from the state of the mounted application."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import Mount


class Pool:
    pass


api = Starlette()


def warm_up(application):
    return application.state.pool


@asynccontextmanager
async def lifespan(app):
    app.state.pool = Pool()
    warm_up(api)
    yield


app = Starlette(routes=[Mount("/api", api)], lifespan=lifespan)
