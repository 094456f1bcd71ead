"""A wrapper enters the user's lifespan and drops the mapping that it yields."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


class Pool:
    pass


@asynccontextmanager
async def lifespan(app):
    yield {"pool": Pool()}


app = Starlette(lifespan=lifespan)


def launch(application):
    inner = application.router.lifespan_context

    @asynccontextmanager
    async def wrapped(app):
        async with inner(app):
            yield

    application.router.lifespan_context = wrapped
    return application


launch(app)
