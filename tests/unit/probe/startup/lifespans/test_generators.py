"""What of a generator is left at the `yield` at which it waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import pytest

from netra_contracts.probe.startup.lifespans.generators import _has_rest, _is_guarded


def work() -> bool:
    return True


async def nothing() -> AsyncIterator[None]:
    work()
    yield


async def mapping_over_lines() -> AsyncIterator[dict[str, Any]]:
    yield {
        "pool": work(),
        "bus": work(),
    }


async def code() -> AsyncIterator[None]:
    yield
    work()


async def in_try() -> AsyncIterator[None]:
    try:
        yield
    finally:
        work()


async def in_with() -> AsyncIterator[None]:
    with suppress(ValueError):
        yield


async def after_handled_exception() -> AsyncIterator[None]:
    try:
        work()
    except ValueError:
        work()
    yield
    work()


async def in_one_branch() -> AsyncIterator[int]:
    if work():
        yield 1
    else:
        yield 2


async def series() -> AsyncIterator[int]:
    for number in range(3):
        yield number
    work()


async def endless() -> AsyncIterator[int]:
    try:
        while True:
            yield 1
    finally:
        work()


@pytest.mark.parametrize(
    ("function", "has_rest", "is_guarded"),
    [
        (nothing, False, False),
        (mapping_over_lines, False, False),
        (code, True, False),
        (in_try, True, True),
        (in_with, True, True),
        (after_handled_exception, True, False),
        (in_one_branch, False, False),
        (series, False, False),
        (endless, False, True),
    ],
)
def test_rest_of_a_generator_at_its_first_yield(
    function: Callable[[], AsyncIterator[Any]], has_rest: bool, is_guarded: bool
) -> None:
    async def at_first_yield() -> tuple[bool, bool]:
        generator: Any = function()
        await generator.__anext__()
        frame = generator.ag_frame
        rest = _has_rest(frame.f_code, frame.f_lasti, frame.f_lineno)
        guarded = _is_guarded(frame.f_code, frame.f_lasti)
        await generator.aclose()
        return rest, guarded

    assert asyncio.run(at_first_yield()) == (has_rest, is_guarded)
