"""Nothing is wrong: `pool` is kept in `app.state` and under the same name in the mapping that the lifespan yields."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


class WritePool:
    pass


class ReadPool:
    pass


@asynccontextmanager
async def lifespan(app):
    app.state.pool = WritePool()
    yield {"pool": ReadPool()}


app = Starlette(lifespan=lifespan)
