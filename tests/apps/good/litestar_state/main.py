"""Nothing is wrong: a Litestar application, filled by a startup hook and by a lifespan."""

from contextlib import asynccontextmanager

from litestar import Litestar, get


class Pool:
    pass


class Bridge:
    def __init__(self, pool):
        self.pool = pool


@get("/")
async def index() -> str:
    return "ok"


async def open_pool(app: Litestar) -> None:
    app.state.pool = Pool()


@asynccontextmanager
async def lifespan(app):
    app.state.limit = 10
    yield


async def build_bridge(app: Litestar) -> None:
    app.state.bridge = Bridge(app.state.pool)


app = Litestar([index], on_startup=[open_pool, build_bridge], lifespan=[lifespan])
