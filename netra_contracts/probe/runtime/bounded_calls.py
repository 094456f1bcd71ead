"""Runs code of the application that a question needs, with a timeout."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import Any, Callable

#: Timeout for a property, a `__getattr__` or a `__subclasscheck__`, in seconds.
TIMEOUT_S = 1.0


@contextlib.contextmanager
def outside_event_loop() -> Iterator[None]:
    """Do the probe's own work inside the target's event loop as if no loop were running.

    Applications may forbid blocking calls while a loop runs: blockbuster patches sockets and locks for that. Without
    this context, calls of the probe would be reported as theirs.
    """
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)


class NoAnswerError(Exception):
    """The application's code did not return in time. Its thread keeps running."""

    def __init__(self) -> None:
        super().__init__(f"it did not return within {TIMEOUT_S:g} s")


class RefusedError(Exception):
    """The application's code raised an exception that is not an `Exception`, such as `SystemExit`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"it raised {name}")


def call_with_timeout(question: Callable[[], Any]) -> Any:
    """Call a function in a thread of its own, and return what it returns or raise what it raises.

    Raises:
        NoAnswerError: if it does not return in time.
        RefusedError: if it raises what is not an `Exception`.
    """
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append((question(), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=run, name="netra-contracts question", daemon=True)
    thread.start()
    thread.join(TIMEOUT_S)
    if not outcome:
        raise NoAnswerError
    result, error = outcome[0]
    if isinstance(error, Exception):
        raise error
    if error is not None:  # SystemExit and the like: they would end the probe
        raise RefusedError(type(error).__name__)
    return result


async def in_thread(function: Callable[[], Any]) -> Any:
    """Await a function that may block, in a daemon thread, so that one that never returns keeps no process alive."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if not future.done():
            future.set_exception(error) if error is not None else future.set_result(result)

    def run() -> None:
        result, raised = None, None
        try:
            result = function()
        except Exception as error:
            raised = error
        except BaseException as error:
            raised = RefusedError(type(error).__name__)
        loop.call_soon_threadsafe(settle, result, raised)

    threading.Thread(target=run, name="netra-contracts check", daemon=True).start()
    return await future
