"""Records exceptions that were raised in the target's own code and caught, and what they kept from being set."""

from __future__ import annotations

import itertools
from types import CodeType, FrameType
from typing import Any, Callable

from ...protocol.location import Location
from ...protocol.observed.failures import CaughtException
from ..inspection import own_code, source_locations
from ..runtime import clock, exceptions
from . import skipped_stores
from .handled_exceptions import MOST_EXCEPTIONS

#: On an exception: the number of its record.
_NUMBER = "_netra_contracts_caught"
_MOST_RECORDS = 50
#: How often the same exception is recorded at the same line: retries raise it many times.
_MOST_REPEATED = 5
#: How many exceptions are examined; this bounds the time that it takes.
_MOST_EXAMINED = 2000
_MOST_FRAMES = 50
#: They end loops and generators, and no failure is hidden where one is caught.
_CONTROL_FLOW = (StopIteration, StopAsyncIteration, GeneratorExit)


class CaughtExceptions:
    """The exceptions of a run that were caught, the last ones. No exception is kept alive.

    Args:
        task_created: the line that created the running task, unless that is the task of the stage.
    """

    def __init__(self, task_created: Callable[[], Location | None] = lambda: None) -> None:
        self._task_created = task_created
        self._records: dict[int, CaughtException] = {}
        self._numbers = itertools.count(1)
        self._examined = 0
        self._repeated: dict[tuple[Any, ...], int] = {}

    def records(self) -> tuple[CaughtException, ...]:
        """What was caught so far, in order."""
        return tuple(self._records.values())

    @staticmethod
    def is_handler(code: CodeType, offset: int) -> bool:
        """Whether an `except`, `finally` or `with` is at an offset; else a clean-up is."""
        function = skipped_stores.function_of(code)
        return function.instructions[function.at(offset)].name == "PUSH_EXC_INFO"

    @staticmethod
    def handler_of(code: CodeType, offset: int) -> int | None:
        """The handler of what an instruction raises; None: there is none in its function. Before Python 3.12."""
        return skipped_stores.function_of(code).catching_handler_of(offset)

    def landed(self, frame: FrameType, handler: int, error: BaseException) -> None:
        """Record that an exception has reached a handler of a frame of the application."""
        trace = exceptions.traceback_of(error)
        if trace is None or trace.tb_frame is not frame or not self._examine(error):
            return
        skipped = skipped_stores.in_handling_frame(frame, trace.tb_lasti, handler, type(error).__mro__)
        site = (id(frame.f_code), handler, trace.tb_lasti)
        results = frozenset(self._results(frame.f_back)) if skipped.returned else frozenset()
        created = self._task_created() if skipped.returned else None
        location = source_locations.location(
            (frame.f_code.co_filename, skipped.line or frame.f_lineno, source_locations.name_of(frame.f_code))
        )
        self._record(site, error, skipped.names | self._below(trace.tb_next), results, location, created)

    def left(self, frame: FrameType, error: BaseException) -> None:
        """Record that an exception has left a frame of the application, for code that is not the application's."""
        trace = exceptions.traceback_of(error)
        if trace is None or trace.tb_frame is not frame or not self._examine(error):
            return
        site = (id(frame.f_code), -1, trace.tb_lasti)
        self._record(
            site, error, self._below(trace), frozenset(self._results(frame.f_back)), None, self._task_created()
        )

    def raised_again(self, error: BaseException) -> None:
        """A handler has not caught an exception, but passes it on."""
        self._records.pop(exceptions.marks_of(error).pop(_NUMBER, 0), None)

    def _examine(self, error: BaseException) -> bool:
        self._examined += 1
        return self._examined <= _MOST_EXAMINED and not issubclass(type(error), _CONTROL_FLOW)

    @staticmethod
    def _below(trace: Any) -> frozenset[str]:
        """What an exception skipped in the frames that it has left."""
        names: frozenset[str] = frozenset()
        for frame, _ in itertools.islice(source_locations.frames_of(trace), _MOST_FRAMES):
            if own_code.is_own_code(frame.f_code.co_filename):
                names |= skipped_stores.in_left_frame(frame, trace.tb_lasti)
            trace = trace.tb_next
        return names

    @staticmethod
    def _results(frame: FrameType | None) -> set[str]:
        """What is set to the result of the function that a frame has called."""
        names: set[str] = set()
        for _ in range(_MOST_FRAMES):
            if frame is None:
                break
            if own_code.is_own_code(frame.f_code.co_filename):
                result = skipped_stores.of_result(frame)
                names |= result.names
                if not result.returned:
                    break
            frame = frame.f_back
        return names

    def _record(
        self,
        site: tuple[Any, ...],
        error: BaseException,
        skipped: frozenset[str],
        results: frozenset[str],
        handler: Location | None,
        created: Location | None,
    ) -> None:
        for earlier in self._superseded(error):
            skipped |= set(earlier.skipped)
            results |= set(earlier.results)
        key = (*site, skipped, results, created)
        self._repeated[key] = self._repeated.get(key, 0) + 1
        if not (skipped or results or created) or self._repeated[key] > _MOST_REPEATED:
            return
        number = next(self._numbers)
        exceptions.marks_of(error)[_NUMBER] = number
        chain = exceptions.chain_of(error)[:MOST_EXCEPTIONS]
        names, returned = tuple(sorted(skipped)), tuple(sorted(results))
        self._records[number] = CaughtException(chain, clock.now_ms(), names, returned, handler, created)
        if len(self._records) > _MOST_RECORDS:
            del self._records[next(iter(self._records))]

    def _superseded(self, error: BaseException) -> list[CaughtException]:
        """Earlier records of an exception and of those that led to it, which are records no more."""
        found = []
        for one in exceptions.links_of(error):
            earlier = self._records.pop(exceptions.marks_of(one).pop(_NUMBER, 0), None)
            if earlier is not None:
                found.append(earlier)
        return found
