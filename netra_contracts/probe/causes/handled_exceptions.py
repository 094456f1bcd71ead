"""The exception that the application handles at a moment."""

from __future__ import annotations

import sys
from types import FrameType

from ...protocol.observed.failures import ExceptionInfo
from ..runtime import exceptions

#: Code that is called from these files does not belong to the handler that may be running further out: a callback or
#: step of a task, and a module that is imported.
_SEPARATES = ("/asyncio/events.py", "/uvloop/loop.pyx", "<frozen importlib._bootstrap>", "/importlib/_bootstrap.py")
#: The longest chain of exceptions that is kept.
MOST_EXCEPTIONS = 3
_MOST_FRAMES = 100
#: How often an exception is looked for.
_MOST_LOOKS = 200


class HandledExceptions:
    """Finds the exceptions that are being handled while something happens."""

    def __init__(self) -> None:
        self._left = _MOST_LOOKS

    def above(self, depth: int) -> tuple[ExceptionInfo, ...]:
        """The exception that the code from `depth` calls up handles, and those that led to it; empty: none."""
        error = sys.exc_info()[1]
        if error is None or self._left <= 0:
            return ()
        self._left -= 1
        return exceptions.chain_of(error)[:MOST_EXCEPTIONS] if is_handled_above(error, depth + 1) else ()


def is_handled_above(error: BaseException, depth: int) -> bool:
    """Whether the code from `depth` calls up handles an exception: the outermost frame of its traceback does."""
    trace = exceptions.traceback_of(error)
    handler = trace.tb_frame if trace is not None else None
    frame: FrameType | None = sys._getframe(depth)
    for _ in range(_MOST_FRAMES):
        if frame is None or frame.f_code.co_filename.endswith(_SEPARATES):
            break
        if frame is handler:
            return True
        frame = frame.f_back
    return False
