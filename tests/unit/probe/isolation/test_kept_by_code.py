"""What closures, attributes of methods, descriptors, context variables and caches let one user reach of another."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from cachetools import LRUCache

from netra_contracts.probe.isolation import retention
from netra_contracts.probe.isolation.runner import IsolationRunner
from netra_contracts.protocol.plan import IsolationRequest


class Engine:
    """What is created for a user."""

    def __init__(self, user_id: str) -> None:
        self.user = user_id


def found_for(create: Callable[[str], Any]) -> list[str]:
    """The codes and paths of what users share when this creates their instances."""

    async def run() -> list[str]:
        request = IsolationRequest("factory", create="create", users=3)
        component = SimpleNamespace(create=create)
        result = await IsolationRunner("tests", [("factory", component)], (), set()).run(request)
        assert (result.users, result.failures) == (3, ())
        shared = {f"NC402 {found.first.path} of {found.users}" for found in result.shared}
        return sorted(shared | {f"NC403 {leak.found_at.path}" for leak in result.leaks})

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def _this_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search this module, not all that the tests have imported."""
    import sys

    monkeypatch.setattr(retention, "sys", SimpleNamespace(modules={__name__: sys.modules[__name__]}))


# Closures and attributes of methods


def closure_that_is_filled_later() -> type[Engine]:
    """A list that no constructor touches."""
    history: list[str] = []

    class ClosureEngine(Engine):
        def add(self, message: str) -> None:
            history.append(message)

    return ClosureEngine


def closure_that_is_filled() -> type[Engine]:
    """A list with texts of all users."""
    history = ["start"]

    class ClosureEngine(Engine):
        def __init__(self, user_id: str) -> None:
            history.append(f"hello {user_id}")

    return ClosureEngine


def closure_with_the_last_user() -> type[Engine]:
    """A dictionary with one key for all."""
    last: dict[str, str] = {}

    class ClosureEngine(Engine):
        def start(self) -> None:
            last["user"] = self.user

    return ClosureEngine


class AttributeEngine(Engine):
    """Its method has an attribute."""

    def __init__(self, user_id: str) -> None:
        super().__init__(user_id)
        vars(AttributeEngine.run)["last"] = user_id

    def run(self) -> None:
        """Do something."""


def memoized(function: Callable[..., Any]) -> Callable[..., Any]:
    """Caches results by arguments."""
    results: dict[Any, Any] = {}

    @functools.wraps(function)
    def wrapper(self: Any, *arguments: Any) -> Any:
        if arguments not in results:
            results[arguments] = function(self, *arguments)
        return results[arguments]

    return wrapper


def allowed(roles: list[str], policy: dict[str, Any]) -> Callable[..., Any]:
    """A decorator with arguments that never change."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(self: Any) -> Any:
            return function(self) if policy["on"] and "admin" in roles else None

        vars(wrapper)["roles"] = roles
        return wrapper

    return decorate


class DecoratedEngine(Engine):
    """Its methods have decorators."""

    def __init__(self, user_id: str) -> None:
        super().__init__(user_id)
        self.profile(user_id)

    @memoized
    def profile(self, user_id: str) -> list[str]:
        """Cached for each user."""
        return [user_id]

    @memoized
    def price(self, article: str) -> int:
        """Cached, but not called."""
        return 1

    @allowed(["admin"], {"on": True})
    def run(self) -> str:
        """For some only."""
        return super().__repr__()


# Descriptors


class OneValue:
    """A descriptor with one value for all instances."""

    value: Any

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else self.value

    def __set__(self, instance: Any, value: Any) -> None:
        self.value = value


class OneContextEngine(Engine):
    """Its context is that of the last user."""

    context = OneValue()

    def __init__(self, user_id: str) -> None:
        self.context = [user_id]


class OneSessionEngine(Engine):
    """Its session is that of the last user."""

    session = OneValue()

    def __init__(self, user_id: str) -> None:
        super().__init__(user_id)
        self.session = SimpleNamespace(open=True)


class OfInstance:
    """A descriptor whose values belong to the instances."""

    def __init__(self) -> None:
        self._weakly: Any = WeakKeyDictionary()
        self.validators: list[Any] = []
        self.choices = ["a"]

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else self._weakly[instance]

    def __set__(self, instance: Any, value: Any) -> None:
        self._weakly[instance] = value
        vars(instance)["copy"] = value


class OwnContextEngine(Engine):
    """Its context is its own."""

    context = OfInstance()

    def __init__(self, user_id: str) -> None:
        self.context = [user_id]

    @functools.cached_property
    def report(self) -> list[Any]:
        """Made when it is needed."""
        return []


# Context variables

INBOX: ContextVar[list[str]] = ContextVar("INBOX", default=[])  # noqa: B039 - the mistake to be found
CURRENT: ContextVar[dict[str, Any]] = ContextVar("CURRENT")
OPTIONS: ContextVar[dict[str, Any]] = ContextVar("OPTIONS", default={"debug": True})  # noqa: B039 - never changes


class InboxEngine(Engine):
    """Posts to one list, by way of a function."""

    def post(self, message: str) -> None:
        """Post a message."""
        _post(message)


def _post(message: str) -> None:
    INBOX.get().append(message)


class OwnCurrentEngine(Engine):
    """Has a context of its own."""

    def __init__(self, user_id: str) -> None:
        super().__init__(user_id)
        CURRENT.set({"user": user_id})

    def run(self) -> Any:
        """Use it."""
        return CURRENT.get()["user"], OPTIONS.get()["debug"]


# Caches


class CachingEngine(Engine):
    """Has a cache that all users share."""

    def __init__(self, user_id: str, cache: Any) -> None:
        super().__init__(user_id)
        self.cache = cache


def caching(*keys: Any) -> Callable[[str], Engine]:
    """Creates engines that cache an entry under these keys, formatted with the user's id and number."""
    cache: LRUCache[Any, Any] = LRUCache(100)
    numbers = iter(range(1000))

    def create(user_id: str) -> Engine:
        number = next(numbers)
        for key in keys:
            text = key.format(user=user_id, number=number)
            cache[text] = {"user": user_id} if "config" not in text else ["a"]
        return CachingEngine(user_id, cache)

    return create


@functools.lru_cache(maxsize=50)
def profile_of(user_id: str) -> dict[str, str]:
    """Cached for each user."""
    return {"user": user_id}


LAST: list[str] = []


@functools.lru_cache(maxsize=None)  # noqa: UP033 - a function without arguments
def first_profile() -> list[str]:
    """Cached for all."""
    return list(LAST)


def with_lru_cache(user_id: str) -> Engine:
    """Calls a cached function with the id."""
    profile_of(user_id)
    return CachingEngine(user_id, profile_of)


def with_one_entry(user_id: str) -> Engine:
    """Calls a cached function without it."""
    LAST[:] = [user_id]
    first_profile()
    return CachingEngine(user_id, first_profile)


@pytest.mark.parametrize(
    ("create", "expected"),
    [
        (closure_that_is_filled_later(), "NC402 type(engine).add.<closure history> of 3"),
        (closure_that_is_filled(), "NC403 type(engine).__init__.<closure history>[2]"),
        (closure_with_the_last_user(), "NC402 type(engine).start.<closure last> of 3"),
        (AttributeEngine, "NC403 type(engine).run.last"),
        (OneContextEngine, "NC403 type(engine).context.value[0]"),
        (OneSessionEngine, "NC402 type(engine).session.value of 3"),
        (InboxEngine, "NC402 INBOX.get() of 3"),
        (caching("current"), "NC403 engine.cache[<str>][<str>]"),
        (caching("profile of {user}", "last"), "NC403 engine.cache[<str>][<str>]"),
        (with_one_entry, "NC403 engine.cache[<tuple>][0]"),
    ],
)
def test_what_code_keeps_for_all_users_is_found(create: Callable[[str], Any], expected: str) -> None:
    assert expected in found_for(create)


@pytest.mark.parametrize(
    "create",
    [
        DecoratedEngine,
        OwnContextEngine,
        OwnCurrentEngine,
        caching("{user}", "profile of {user}", "config"),
        caching("session {number}"),
        with_lru_cache,
    ],
)
def test_constants_and_data_kept_for_each_user_are_not_reported(create: Callable[[str], Any]) -> None:
    assert found_for(create) == []
