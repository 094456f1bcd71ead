"""Types that contracts name: aliases, protocols with data, typed dictionaries."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import (
    Any,
    Literal,
    NewType,
    NotRequired,
    Optional,
    Protocol,
    TypedDict,
    TypeVar,
    Union,
)


class Reader: ...


class Writer: ...


Either = Union[Reader, Writer]  # noqa: UP007 - the alias under test
MaybeReader = Optional[Reader]  # noqa: UP045 - the alias under test
Later = Optional["Writer"]
Mode = Literal["r", "w"]
UserId = NewType("UserId", int)
Rates = list[float]
Handler = Callable[[int], str]
Constrained = TypeVar("Constrained", Reader, Writer)
Anything = Any
NUMBER = 5


class Settings(TypedDict):
    name: str
    timeout: float
    retries: NotRequired[int]


class Deployment(TypedDict):
    settings: Settings


class Named(Protocol):
    name: str

    @property
    def size(self) -> int: ...

    async def open(self) -> None: ...


class Opens(Protocol):
    def open(self) -> None: ...


class Pool:
    name = "pool"
    size = 3

    async def open(self) -> None: ...


class WithNumberAsName(Pool):
    name = 5  # type: ignore[assignment]  # the fault


class WithTextAsSize(Pool):
    size = "big"  # type: ignore[assignment]  # the fault


class OpensAtOnce:
    name = "pool"

    @property
    def size(self) -> int:
        return 3

    def open(self) -> None: ...


class Commands:
    """Commands that a client and its async variant share, as those of `redis.Redis` and `redis.asyncio.Redis`."""

    def execute(self, name: str) -> Any:
        return name

    def either(self) -> Awaitable[int] | int:
        return self.execute("either")  # type: ignore[no-any-return]  # as in redis

    def indirect(self) -> Awaitable[int] | int:
        return self.either()

    def hidden(self) -> Awaitable[Undefined] | int:  # type: ignore[name-defined]  # noqa: F821 - cannot be resolved
        return self.execute("hidden")  # type: ignore[no-any-return]  # as in redis

    def nested(self) -> Awaitable[Undefined | int]:  # type: ignore[name-defined]  # noqa: F821 - cannot be resolved
        return self.execute("nested")  # type: ignore[no-any-return]  # as in redis


class SyncClient(Commands):
    """A client that is not async."""


class Client(Commands):
    """A client with methods that are async in different ways, or not."""

    async def coroutine(self) -> None: ...

    async def execute(self, name: str) -> str:
        return name

    def annotated(self) -> Awaitable[int]:
        return self.coroutine()  # type: ignore[return-value]  # the annotation counts

    def sometimes(self) -> Awaitable[int] | int:
        return 1

    def quoted(self) -> asyncio.Future[Undefined]:  # type: ignore[name-defined]  # noqa: F821 - cannot be resolved
        return self.unknown()  # type: ignore[no-any-return, no-untyped-call]  # methods without annotations are the point

    def documented(self):  # type: ignore[no-untyped-def]
        """Send it. The result is awaitable."""
        return self.coroutine()

    @functools.wraps(coroutine)
    def wrapper(self) -> Any:
        return self.coroutine()

    def returns_nothing(self):  # type: ignore[no-untyped-def]
        self.annotated()

    def returns_number(self) -> int:
        return id(self)

    def generator(self):  # type: ignore[no-untyped-def]
        yield self

    @functools.wraps(coroutine)
    def drops_the_result(self):  # type: ignore[no-untyped-def]
        self.annotated()

    def unknown(self):  # type: ignore[no-untyped-def]
        return self.coroutine()

    def undocumented(self):  # type: ignore[no-untyped-def]
        """Send it. This is not a coroutine."""
        return self.coroutine()
