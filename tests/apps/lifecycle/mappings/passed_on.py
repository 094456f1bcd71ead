"""Wrappers that pass on what a lifespan yields, or use it, and contexts that are no lifespans."""

from contextlib import asynccontextmanager

from dropped import ClassLifespan, Pool, Timed, lifespan
from starlette.applications import Starlette


class Merged(Timed):
    def __init__(self, app):
        super().__init__(ClassLifespan(app))

    async def __aenter__(self):
        return {**await super().__aenter__(), "more": Pool()}


class Recorded(dict):
    """A context that is its own result."""

    def __init__(self, app):
        self.app = app

    async def __aenter__(self):
        self["entered"] = True
        return self

    async def __aexit__(self, *error):
        pass


@asynccontextmanager
async def settings():
    yield {"debug": True}


def wrapper(*others):
    @asynccontextmanager
    async def enter(app):
        async with settings(), lifespan(app) as state, others[0](app) as other:
            app.state.pool = state["pool"]
            async with Recorded(app):
                yield {**other}

    return enter


of_class = Starlette(lifespan=ClassLifespan)
of_timed = Starlette(lifespan=lambda app: Timed(lifespan(app)))
of_merged = Starlette(lifespan=Merged)
of_wrapper = Starlette(lifespan=wrapper(ClassLifespan, Recorded))
