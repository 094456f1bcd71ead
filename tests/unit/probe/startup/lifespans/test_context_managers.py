"""What lifespans yield, and whether it reached the state of the lifespan's scope."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from netra_contracts.probe.inspection.own_code import is_own_code
from netra_contracts.probe.startup.lifespans.context_managers import ContextManagerMonitor

Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]
POOL = object()


class App:
    """An application."""


@asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[Any]:
    yield {"pool": POOL}


@asynccontextmanager
async def nothing(app: App) -> AsyncIterator[Any]:
    yield None


@asynccontextmanager
async def empty(app: App) -> AsyncIterator[Any]:
    yield {}


def dropping(inner: Lifespan) -> Lifespan:
    @asynccontextmanager
    async def wrapper(app: App) -> AsyncIterator[Any]:
        async with inner(app):
            yield None

    return wrapper


def not_using(inner: Lifespan) -> Lifespan:
    @asynccontextmanager
    async def wrapper(app: App) -> AsyncIterator[Any]:
        async with inner(app) as state:  # noqa: F841 - the fault that is tested
            yield None

    return wrapper


def dropping_in_a_stack(inner: Lifespan) -> Lifespan:
    @asynccontextmanager
    async def wrapper(app: App) -> AsyncIterator[Any]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(inner(app))
            yield {"other": 1}

    return wrapper


def merging(inner: Lifespan) -> Lifespan:
    @asynccontextmanager
    async def wrapper(app: App) -> AsyncIterator[Any]:
        async with AsyncExitStack() as stack:
            state = await stack.enter_async_context(inner(app))
            yield {**state, "other": 1}

    return wrapper


def using_as_a_helper(inner: Lifespan) -> Lifespan:
    @asynccontextmanager
    async def wrapper(app: App) -> AsyncIterator[Any]:
        async with inner(app) as resources:
            yield {"repository": [resources["pool"]]}

    return wrapper


def dropped_by(outer: Lifespan) -> list[tuple[str, tuple[str, ...]]]:
    """Enter a lifespan as a framework does; what it dropped."""
    app, monitor = App(), ContextManagerMonitor()
    state: dict[str, Any] = {}

    async def run() -> None:
        async with outer(app) as yielded:
            state.update(yielded or {})

    monitor.is_application = lambda obj: obj is app
    monitor.install()
    try:
        asyncio.run(run())
    finally:
        monitor.uninstall()
    return [(one.function.rpartition(".")[2], one.keys) for one in monitor.dropped(state)]


def test_this_file_counts_as_code_of_the_application() -> None:
    assert is_own_code(__file__)


@pytest.mark.parametrize("wrap", [dropping, not_using, dropping_in_a_stack, lambda inner: dropping(dropping(inner))])
def test_mapping_that_a_wrapper_drops_is_found(wrap: Callable[[Lifespan], Lifespan]) -> None:
    assert dropped_by(wrap(lifespan)) == [("lifespan", ("pool",))]


@pytest.mark.parametrize("wrap", [merging, using_as_a_helper, lambda inner: inner])
def test_mapping_that_a_wrapper_uses_is_not_dropped(wrap: Callable[[Lifespan], Lifespan]) -> None:
    assert dropped_by(wrap(lifespan)) == []


def test_context_for_something_else_than_an_application_is_no_lifespan() -> None:
    app, monitor = App(), ContextManagerMonitor()
    monitor.is_application = lambda obj: False

    async def run() -> None:
        async with lifespan(app):
            pass

    monitor.install()
    try:
        asyncio.run(run())
    finally:
        monitor.uninstall()
    assert monitor.dropped({}) == ()


def test_arguments_of_contexts_are_not_kept_alive() -> None:
    app, monitor = App(), ContextManagerMonitor()
    monitor.install()
    try:
        asyncio.run(_enter(app))
    finally:
        monitor.uninstall()
    assert monitor.entered_for([app]) == [app]
    reference = weakref.ref(app)
    del app
    gc.collect()
    assert reference() is None


async def _enter(app: App) -> None:
    async with nothing(app):
        pass


@pytest.mark.parametrize("inner", [nothing, empty])
def test_lifespan_without_entries_drops_nothing(inner: Lifespan) -> None:
    assert dropped_by(dropping(inner)) == []
