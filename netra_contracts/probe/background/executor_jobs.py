"""Observes the futures of executors: which of them failed, and whether anything asked for the failure.

asyncio's futures know by themselves whether their exception was retrieved, those of `concurrent.futures` do not. They
keep it in the attribute `_exception`, which this replaces with a descriptor: no frame of the probe appears in the
application's tracebacks, and no future lives longer than without it.
"""

from __future__ import annotations

import sys
from typing import Any, Callable

from ..runtime.exceptions import marks_of
from .origins import Origin, Origins

_NAME = "_exception"
#: Set on an exception when it has been retrieved from its future.
_RETRIEVED = "_netra_contracts_retrieved"
#: The origin of the job that raised an exception, on that exception: `run_in_executor` passes it on to another future.
_ORIGIN = "_netra_contracts_job"
#: Methods of `Future` that retrieve its exception.
_RETRIEVING = ("result", "exception", "__get_result")


class _ExceptionAttribute:
    def __init__(self, origins: Origins, on_created: Callable[[], None]) -> None:
        self._origins = origins
        self._on_created = on_created

    def __get__(self, future: Any, owner: Any = None) -> Any:
        if future is None:
            return self
        try:
            error = future.__dict__[_NAME]
        except KeyError:
            raise AttributeError(_NAME) from None
        if error is not None and sys._getframe(1).f_code.co_name in _RETRIEVING:
            marks_of(error)[_RETRIEVED] = True
        return error

    def __set__(self, future: Any, error: Any) -> None:
        if _NAME not in future.__dict__:
            self._origins.note(future, 2)
            self._on_created()
        if issubclass(type(error), BaseException):
            marks_of(error)[_ORIGIN] = self._origins.of(future)
        future.__dict__[_NAME] = error


def install(origins: Origins, on_lost: Callable[[Any, BaseException], None], on_created: Callable[[], None]) -> None:
    """Observe the futures of all executors.

    Args:
        origins: records where each is created.
        on_lost: is called with a future and its exception when it is deleted and nothing has retrieved the exception.
        on_created: is called when one is created.
    """
    from concurrent.futures import Future

    def __del__(future: Any) -> None:  # noqa: N807 - becomes a method of the class
        error = unretrieved(future)
        if error is not None:
            on_lost(future, error)

    observed: Any = Future
    observed._exception = _ExceptionAttribute(origins, on_created)
    observed.__del__ = __del__


def unretrieved(future: Any) -> BaseException | None:
    """The exception of an executor's future that nothing has retrieved."""
    error = future.__dict__.get(_NAME)
    return error if issubclass(type(error), BaseException) and _RETRIEVED not in marks_of(error) else None


def raised_by_job(error: BaseException) -> bool:
    """Whether an exception was raised by a job of an executor."""
    return _ORIGIN in marks_of(error)


def origin_of(error: BaseException) -> Origin | None:
    """The origin of the job that raised an exception."""
    found: Origin | None = marks_of(error).get(_ORIGIN)
    return found
