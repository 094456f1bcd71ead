"""Mounted applications, each with a state of another class. The names of those that lack the pool begin with `no_`."""

from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property

from fastapi import FastAPI
from litestar import Litestar
from litestar.datastructures import State as LitestarState
from starlette.datastructures import State


class Pool:
    pass


class Cached(State):
    @cached_property
    def pool(self):
        return Pool()


class Property(State):
    @property
    def pool(self):
        return self._pool


class OnTheClass(State):
    pool = Pool()


class Annotated(State):
    pool: Pool


class Slots(State):
    __slots__ = ("pool",)


class Answering(State):
    def __getattr__(self, name):
        if name == "pool":
            return Pool()
        return super().__getattr__(name)


class AnswersEverything(State):
    def __getattr__(self, name):
        return Pool()


@dataclass
class Services:
    pool: Pool


class Loaded(State):
    def __init__(self, entries):
        super().__init__(entries)


ENTRIES = {"pool": Pool()}


def with_attribute(state):
    object.__setattr__(state, "pool", Pool())
    return state


STATES = {
    "cached": Cached(),
    "property": Property({"_pool": Pool()}),
    "no_property": Property(),
    "on_the_class": OnTheClass(),
    "no_annotated": Annotated(),
    "slots": with_attribute(Slots()),
    "own_attribute": with_attribute(State()),
    "answering": Answering(),
    "no_answers_everything": AnswersEverything(),
    "no_empty": State(),
    "dataclass": Services(Pool()),
    "shared": State(ENTRIES),
    "loaded": Loaded({"pool": Pool()}),
}
litestar_app = Litestar(state=LitestarState({"pool": Pool()}))
mounted = {name: FastAPI() for name in STATES}


@asynccontextmanager
async def lifespan(app):
    for name, state in STATES.items():
        mounted[name].state = state
    litestar_app.state.late = Pool()
    mounted["loaded"].state.late = Pool()
    yield


app = FastAPI(lifespan=lifespan)
for name, sub in mounted.items():
    app.mount(f"/{name}", sub)
app.mount("/litestar", litestar_app)
