"""Sees each exception of the target's own code that is caught: by `sys.monitoring` or, before Python 3.12, a trace."""

from __future__ import annotations

import sys
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, Callable

from ...protocol.location import Location
from ...protocol.observed.failures import CaughtException
from ..inspection import own_code

if TYPE_CHECKING:
    from .caught_exceptions import CaughtExceptions

_set_traceback: Any = BaseException.__dict__["__traceback__"].__set__
#: A trace function costs time at each call: it is removed after this many.
_MOST_CALLS = 100_000


class ExceptionHook:
    """What both ways have in common. What reads bytecode is imported when the first exception is seen.

    Args:
        task_created: see `CaughtExceptions`.
    """

    def __init__(self, task_created: Callable[[], Location | None]) -> None:
        self._task_created = task_created
        self._known: CaughtExceptions | None = None

    @property
    def caught(self) -> CaughtExceptions:
        """What has been caught."""
        if self._known is None:
            from .caught_exceptions import CaughtExceptions

            self._known = CaughtExceptions(self._task_created)
        return self._known

    def records(self) -> tuple[CaughtException, ...]:
        """What was caught so far, in order."""
        return () if self._known is None else self._known.records()

    def install(self) -> None:
        """Start observing."""

    def uninstall(self) -> None:
        """Stop observing."""


class ExceptionMonitor(ExceptionHook):
    """Observes exceptions with a free tool of `sys.monitoring` (Python 3.12)."""

    _tool: int | None = None

    def install(self) -> None:
        """Start observing, if a tool is free."""
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]  # 3.12
        self._tool = next((tool for tool in (3, 4, 5) if monitoring.get_tool(tool) is None), None)
        if self._tool is None:
            return
        monitoring.use_tool_id(self._tool, "netra-contracts")
        events = monitoring.events
        callbacks = {
            events.EXCEPTION_HANDLED: self._handled,
            events.RERAISE: self._raised_again,
            events.RAISE: self._raised,
            events.PY_UNWIND: self._left,
        }
        for event, callback in callbacks.items():
            monitoring.register_callback(self._tool, event, callback)
        monitoring.set_events(self._tool, sum(callbacks))

    def uninstall(self) -> None:
        """Stop observing."""
        if self._tool is not None:
            monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]  # 3.12
            monitoring.set_events(self._tool, 0)
            monitoring.free_tool_id(self._tool)
            self._tool = None

    # An exception of a callback would be raised in the application.

    def _handled(self, code: CodeType, offset: int, error: BaseException) -> None:
        if own_code.is_own_code(code.co_filename):
            try:
                if self.caught.is_handler(code, offset):
                    self.caught.landed(sys._getframe(1), offset, error)
            except Exception:  # nothing is known of it then
                return

    def _raised_again(self, code: CodeType, offset: int, error: BaseException) -> None:
        if own_code.is_own_code(code.co_filename):
            self.caught.raised_again(error)

    def _raised(self, code: CodeType, offset: int, error: BaseException) -> None:
        if own_code.is_own_code(code.co_filename) and sys.exc_info()[1] is error:
            self.caught.raised_again(error)

    def _left(self, code: CodeType, offset: int, error: BaseException) -> None:
        if own_code.is_own_code(code.co_filename):
            try:
                frame = sys._getframe(1)
                if _leaves_application(frame):
                    self.caught.left(frame, error)
            except Exception:  # nothing is known of it then
                return


class ExceptionTrace(ExceptionHook):
    """Observes exceptions of the main thread with a trace function, unless there is one, as a debugger's."""

    _calls = 0
    _global: Callable[..., Any] | None = None

    def install(self) -> None:
        """Start observing."""
        if sys.gettrace() is not None:
            return
        is_own_code, local = own_code.is_own_code, self._in_frame

        def trace(frame: FrameType, event: str, argument: Any) -> Any:
            self._calls += 1
            if self._calls > _MOST_CALLS:
                self.uninstall()
                return None
            if not is_own_code(frame.f_code.co_filename):
                return None
            frame.f_trace_lines = False
            return local

        self._global = trace
        sys.settrace(trace)

    def uninstall(self) -> None:
        """Stop observing; a trace function that the application has set since remains."""
        if self._global is not None and sys.gettrace() is self._global:
            sys.settrace(None)

    def _in_frame(self, frame: FrameType, event: str, argument: Any) -> Any:
        try:
            if event == "exception":
                self._raised(frame, *argument[1:])
        except Exception:  # it would be raised in the application
            return None
        return self._in_frame

    def _raised(self, frame: FrameType, error: Any, trace: Any) -> None:
        if not issubclass(type(error), BaseException):
            return  # not created yet, as for StopIteration
        _set_traceback(error, trace)  # the interpreter does that later, when a handler is entered
        handler = self.caught.handler_of(frame.f_code, frame.f_lasti)
        if handler is not None:
            self.caught.landed(frame, handler, error)
        elif _leaves_application(frame):
            self.caught.left(frame, error)


def _leaves_application(frame: FrameType) -> bool:
    """Whether a frame was called by code that is not the application's."""
    caller = frame.f_back
    return caller is None or not own_code.is_own_code(caller.f_code.co_filename)
