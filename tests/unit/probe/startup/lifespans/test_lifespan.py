"""How a lifespan ends that was started."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from starlette.applications import Starlette

from netra_contracts.probe.startup.lifespans.lifespan import Lifespan
from netra_contracts.protocol.observed.failures import StageFailure


async def fail() -> None:
    raise ConnectionError("the queue is gone")


@asynccontextmanager
async def in_task_group(app: Any) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        group.create_task(fail())
        yield


@asynccontextmanager
async def in_task_group_of_anyio(app: Any) -> AsyncIterator[None]:
    async with anyio.create_task_group() as group:
        group.start_soon(fail)
        yield


@asynccontextmanager
async def in_timeout(app: Any) -> AsyncIterator[None]:
    async with asyncio.timeout(0):
        yield


@asynccontextmanager
async def in_cancel_scope(app: Any) -> AsyncIterator[None]:
    with anyio.move_on_after(0):
        yield


@asynccontextmanager
async def supervised(app: Any) -> AsyncIterator[None]:
    async def supervise() -> None:
        try:
            await fail()
        except ConnectionError:
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(supervise())
        yield
        task.cancel()


@asynccontextmanager
async def in_clean_up(app: Any) -> AsyncIterator[None]:
    yield
    await fail()


async def shut_down(app: Callable[..., Any], until_ended: bool) -> tuple[str, tuple[StageFailure, ...]]:
    lifespan = Lifespan(app, {}, True)
    assert await lifespan.startup() == ("ok", ())
    if until_ended:
        await asyncio.wait([lifespan.task], timeout=10)
        assert lifespan.task.done()
    else:
        await asyncio.sleep(0)
    return await lifespan.shutdown()


@pytest.mark.parametrize(
    ("lifespan", "error"),
    [
        (in_task_group, "ConnectionError: the queue is gone"),
        (in_task_group_of_anyio, "ConnectionError: the queue is gone"),
        (in_timeout, "TimeoutError"),
    ],
)
def test_lifespan_that_an_exception_ends_while_the_application_runs_ended_early(lifespan: Any, error: str) -> None:
    outcome, (failure,) = asyncio.run(shut_down(Starlette(lifespan=lifespan), until_ended=True))
    assert (outcome, failure.kind) == ("failed", "ended-early")
    assert error in [raised.headline for raised in failure.chain]


async def returns(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})


@pytest.mark.parametrize("app", [returns, Starlette(lifespan=in_cancel_scope)])
def test_application_that_returns_after_startup_ended_early(app: Any) -> None:
    outcome, (failure,) = asyncio.run(shut_down(app, until_ended=True))
    assert (outcome, failure.kind, failure.message) == ("failed", "ended-early", "the application returned")


def test_lifespan_that_catches_the_exceptions_of_its_tasks_shuts_down() -> None:
    assert asyncio.run(shut_down(Starlette(lifespan=supervised), until_ended=False)) == ("ok", ())


def test_exception_of_the_clean_up_is_a_failure_of_the_shutdown() -> None:
    outcome, (failure,) = asyncio.run(shut_down(Starlette(lifespan=in_clean_up), until_ended=False))
    assert (outcome, failure.kind) == ("failed", "raised")
