"""Runs a coroutine in an event loop of its own, in another thread."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")

#: How long the coroutine may take to end when the caller is interrupted, in seconds.
_MAX_CANCELLATION_S = 3.0


def run_in_own_event_loop(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """The result of a coroutine. If the caller is interrupted, the coroutine is cancelled and the interrupt passed on.

    Raises:
        BaseException: what the coroutine raises, or the interrupt.
    """
    results: list[_Result] = []
    raised: list[BaseException] = []
    # Waited for instead of the thread: up to Python 3.12, an interrupted join takes the thread for ended.
    ended = threading.Event()
    loop = asyncio.new_event_loop()
    task = loop.create_task(coroutine)

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                results.append(runner.run(_result_of(task)))
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            raised.append(error)
        finally:
            ended.set()

    thread = threading.Thread(target=run, name="netra-contracts clients", daemon=True)
    thread.start()
    try:
        while not ended.wait(0.2):  # with a limit: on Windows, a wait without one cannot be interrupted
            pass
    except BaseException:
        with contextlib.suppress(RuntimeError):  # the loop has just been closed
            loop.call_soon_threadsafe(task.cancel)
        ended.wait(_MAX_CANCELLATION_S)
        raise
    thread.join()
    if raised:
        raise raised[0]
    return results[0]


async def _result_of(task: asyncio.Task[_Result]) -> _Result:
    return await task
