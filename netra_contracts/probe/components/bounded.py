"""Stops code of the application that runs in the main thread and does not end."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any


class Stopped(BaseException):
    """Code of the application did not end in time. Not an `Exception`, which the application might catch."""


@contextlib.contextmanager
def stopping_after(seconds: float) -> Iterator[None]:
    """Raise `Stopped` in the code that runs in this context when a time has passed.

    It runs in the main thread, as the event loop would call it, so that connections and locks that it creates belong to
    the same thread as later. A signal reaches it there, also while it sleeps or waits for a lock. Code in C that does
    not return is left to the deadline of the stage.

    Raises:
        Stopped: if it did not end in time.
    """
    threading: Any = sys.modules["threading"]
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.getsignal(signal.SIGALRM)
    if handler is None:  # installed by C code: it could not be put back
        yield
        return
    began = time.monotonic()
    signal.signal(signal.SIGALRM, _stop)
    pending, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if pending:  # the application's own timer
            left = max(pending - (time.monotonic() - began), 0.001)
            signal.setitimer(signal.ITIMER_REAL, left, interval)


def _stop(number: int, frame: Any) -> None:
    raise Stopped
