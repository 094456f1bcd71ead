"""Runs code of the application that a question needs, for no longer than a moment."""

from __future__ import annotations

import threading
from typing import Any, Callable

#: Seconds that a property, a `__getattr__` or a class's own `__subclasscheck__` may take to answer.
PATIENCE_S = 1.0


class NoAnswerError(Exception):
    """The application's code did not come back. Its thread is left behind."""

    def __init__(self) -> None:
        super().__init__(f"it did not come back within {PATIENCE_S:g} s")


def ask(question: Callable[[], Any]) -> Any:
    """Call a function in a thread of its own, and give what it gives or raise what it raises.

    Raises:
        NoAnswerError: if it does not end in time.
    """
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append((question(), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=run, name="netra-contracts question", daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    if not outcome:
        raise NoAnswerError
    result, error = outcome[0]
    if error is not None:
        raise error
    return result
