"""The waits of a lifespan are attributed to its outermost line, however deep the chain of awaited objects is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from netra_contracts.probe.startup.lifespans.awaits import AwaitRecorder

Lifespan = Callable[[], AbstractAsyncContextManager[None]]


async def connect() -> None:
    await asyncio.sleep(0.002)


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    await connect()
    yield


def merged(inner: Lifespan) -> Lifespan:
    """A lifespan that enters another one, as FastAPI makes for each included router."""

    @asynccontextmanager
    async def outer() -> AsyncIterator[None]:
        async with inner():
            yield

    return outer


async def enter(entered: Lifespan) -> str:
    async with entered():
        return "started"


async def observed(coroutine: Coroutine[Any, Any, Any], recorder: AwaitRecorder) -> Any:
    return await recorder.observe(coroutine)


def test_wait_is_attributed_to_the_outermost_line_and_names_the_innermost() -> None:
    recorder = AwaitRecorder()
    assert asyncio.run(observed(enter(lifespan), recorder)) == "started"
    (found,) = recorder.awaits()
    assert found.location.function == "enter"
    assert found.inside is not None
    assert found.inside.function == "connect"
    assert found.waited_ms >= 2


def test_wait_below_hundreds_of_merged_lifespans_is_seen() -> None:
    deep: Lifespan = lifespan
    for _ in range(60):
        deep = merged(deep)
    recorder = AwaitRecorder()
    asyncio.run(observed(enter(deep), recorder))
    (found,) = recorder.awaits()
    assert found.inside is not None
    assert found.inside.function == "connect"


def test_exceptions_results_and_cancellation_pass_through() -> None:
    async def fails() -> None:
        await asyncio.sleep(0)
        raise ValueError("no pool")

    async def cancelled() -> str:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            return "cancelled"
        return ""

    async def run() -> None:
        with pytest.raises(ValueError, match="no pool"):
            await observed(fails(), AwaitRecorder())
        task = asyncio.ensure_future(observed(cancelled(), AwaitRecorder()))
        await asyncio.sleep(0)
        task.cancel()
        assert await task == "cancelled"

    asyncio.run(run())


def test_nothing_is_recorded_after_stop_and_what_cannot_be_awaited_is_returned() -> None:
    recorder = AwaitRecorder()
    assert recorder.observe(None) is None
    recorder.stop()
    asyncio.run(observed(enter(lifespan), recorder))
    assert recorder.awaits() == ()
