"""Entries of containers are found by type, with the real libraries. Nothing is created before `get` is called."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from typing import Any

import dishka
import pytest
import svcs
import that_depends
from dependency_injector import containers, providers

from netra_contracts.probe.containers import NoEntryError, entry_of

created: list[str] = []


class Engine:
    def __init__(self) -> None:
        created.append("engine")


class Pool(Engine):
    pass


class Session:
    pass


class Clock:
    pass


class Unknown:
    pass


def make_pool() -> Pool:
    return Pool()


def open_session() -> Iterator[Session]:
    yield Session()


async def open_session_async() -> AsyncIterator[Session]:
    yield Session()


CLOCK = Clock()


class Injector(containers.DeclarativeContainer):
    engine = providers.Singleton(Engine)
    pool = providers.ThreadSafeSingleton(make_pool)
    session = providers.Factory(Session)
    clock = providers.Object(CLOCK)


class Outer(containers.DeclarativeContainer):
    inner = providers.Container(Injector)


class Depends(that_depends.BaseContainer):
    engine = that_depends.providers.Singleton(Engine)
    pool = that_depends.providers.Singleton(make_pool)
    session = that_depends.providers.Factory(Session)
    clock = that_depends.providers.Object(CLOCK)


class BoundDepends(that_depends.BaseContainer):
    first = that_depends.providers.Singleton(Pool).bind(Engine)
    second = that_depends.providers.Resource(open_session_async)


def dishka_provider() -> dishka.Provider:
    provider = dishka.Provider(scope=dishka.Scope.APP)
    provider.provide(Engine)
    provider.provide(make_pool)
    provider.provide(open_session, scope=dishka.Scope.REQUEST)
    provider.provide(lambda: CLOCK, provides=Clock)
    return provider


def svcs_registry() -> svcs.Registry:
    registry = svcs.Registry()
    registry.register_factory(Engine, Engine)
    registry.register_value(Clock, CLOCK)
    return registry


@pytest.fixture(autouse=True)
def nothing_created() -> Iterator[None]:
    created.clear()
    yield
    Injector.engine.reset()
    Depends.tear_down_sync()


def resolved(container: Any, wanted: type) -> object:
    """What a container has, in an event loop."""

    async def get() -> object:
        value = entry_of(container, wanted).get()
        return await value if inspect.isawaitable(value) else value

    return asyncio.run(get())


KEEPING = [
    pytest.param(lambda: dishka.make_container(dishka_provider()), id="dishka"),
    pytest.param(lambda: dishka.make_async_container(dishka_provider()), id="dishka-async"),
    pytest.param(Injector, id="dependency-injector"),
    pytest.param(lambda: Injector, id="dependency-injector-class"),
    pytest.param(Outer, id="dependency-injector-nested"),
    pytest.param(lambda: Depends, id="that-depends"),
    pytest.param(lambda: svcs.Container(svcs_registry()), id="svcs-container"),
]


@pytest.mark.parametrize("create", KEEPING)
def test_object_is_created_by_get_and_kept(create: Any) -> None:
    container = create()
    entry = entry_of(container, Engine)
    assert (created, entry.exists in (False, None)) == ([], True)
    first = resolved(container, Engine)
    assert (type(first), created) == (Engine, ["engine"])
    assert resolved(container, Engine) is first
    assert entry_of(container, Engine).exists in (True, None)


@pytest.mark.parametrize("create", [each for each in KEEPING if each.id != "svcs-container"])
def test_object_of_an_annotated_function_is_found(create: Any) -> None:
    assert type(resolved(create(), Pool)) is Pool


@pytest.mark.parametrize("create", [*KEEPING, pytest.param(svcs_registry, id="svcs-registry")])
def test_object_that_was_given_is_found(create: Any) -> None:
    assert resolved(create(), Clock) is CLOCK


@pytest.mark.parametrize(
    ("create", "wanted", "reason", "is_missing"),
    [
        (lambda: dishka.make_container(dishka_provider()), Session, "its scope is REQUEST", False),
        (lambda: dishka.make_container(dishka_provider()), Unknown, "no factory", True),
        (svcs_registry, Engine, "each container of a request calls", False),
        (svcs_registry, Unknown, "no factory", True),
        (lambda: svcs.Container(svcs_registry()), Unknown, "no factory", True),
        (Injector, Session, "`session` is a Factory", False),
        (Injector, Unknown, "no provider", False),
        (lambda: Depends, Session, "`session` is a Factory", False),
        (lambda: Depends, object, "several providers", False),
        (lambda: {"engine": Engine}, Engine, "not a container", False),
        (lambda: Engine, Engine, "not a container", False),
    ],
)
def test_entry_that_cannot_be_examined_has_a_reason(create: Any, wanted: type, reason: str, is_missing: bool) -> None:
    with pytest.raises(NoEntryError, match=reason) as raised:
        entry_of(create(), wanted)
    assert (raised.value.is_missing, created) == (is_missing, [])


def test_bound_types_and_resources_of_that_depends() -> None:
    async def get() -> tuple[object, object]:
        return await entry_of(BoundDepends, Engine).get(), await entry_of(BoundDepends, Session).get()

    pool, session = asyncio.run(get())
    assert (type(pool), type(session)) == (Pool, Session)
    with pytest.raises(NoEntryError):
        entry_of(BoundDepends, Pool)
