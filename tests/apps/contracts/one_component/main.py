"""One set of components; each contract file beside it is broken by one of them."""

import abc
import enum
from collections import OrderedDict
from typing import Generic, Protocol, TypeVar, runtime_checkable

from starlette.applications import Starlette

T = TypeVar("T")


class Pool:
    size = 10
    closed = None

    def __init__(self):
        self.limits = Limits()

    def add_connection(self, user_id, connection):
        """Keep the connection."""

    async def emit_event(self, event, data):
        """Send an event."""

    @property
    def costly(self):
        raise RuntimeError(print("costly was evaluated") or "too many connections")


class Limits:
    per_user = None
    total = 100


class Registered(abc.ABC):
    """Knows the bridge by registration alone."""


class Box(Generic[T]):
    pass


class Level(enum.IntEnum):
    LOW = 1


@runtime_checkable
class Emits(Protocol):
    async def emit_event(self, event, data): ...


@runtime_checkable
class Flushes(Protocol):
    size: int

    def flush(self, timeout): ...


@runtime_checkable
class EmitsOtherwise(Protocol):
    async def emit_event(self, user_id, event, data, *, retry): ...


class AnswersEverything:
    def __getattr__(self, name):
        return lambda *args, **kwargs: None


class Delegates:
    """Answers for the methods that it knows, and refuses others."""

    def __getattr__(self, name):
        if name == "add_connection":
            return lambda user_id, connection: None
        raise AttributeError(name)


class SubPool(Pool):
    pass


Registered.register(Pool)

app = Starlette()
app.state.pool = Pool()
app.state.sub_pool = SubPool()
app.state.box = Box[int]()
app.state.ordered = OrderedDict(a=1)
app.state.mode = "fast"
app.state.max_users = 7
app.state.enabled = True
app.state.level = Level.LOW
app.state.name = "orders-eu"
app.state.hosts = ["one", "two"]
app.state.answers = AnswersEverything()
app.state.delegates = Delegates()
