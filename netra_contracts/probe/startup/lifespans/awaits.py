"""Measures how long each `await` of the lifespan waits, by stepping the coroutine that the application returns.

The probe runs the lifespan in a task of its own, so it sees each suspension and each resumption, in every version of
Python and without a change to the application.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ....protocol.observed.event_loop import LifespanAwait
from ...inspection import own_code, source_locations
from ...inspection.source_locations import Site
from ...runtime import clock
from ...runtime.stack_snapshots import SteppedCoroutine, suspended_frames

#: When finding the lines has taken this long, short waits are no longer attributed to a line.
_LONGEST_SEARCH_NS = 30_000_000
_SHORT_NS = 1_000_000
_MOST_LINES = 200


class _Line:
    """The suspensions at one line."""

    def __init__(self, start_ns: int) -> None:
        self.start_ns = start_ns
        self.waited_ns = 0
        self.longest_ns = -1
        self.times = 0
        self.inside: Site | None = None


class AwaitRecorder:
    """Records the suspensions of one coroutine until `stop` is called."""

    def __init__(self) -> None:
        self._lines: dict[Site, _Line] = {}
        self._searched_ns = 0
        self._suspended_ns: int | None = None
        self._is_stopped = False

    def observe(self, awaitable: Any) -> Any:
        """An awaitable that steps the given one; what cannot be awaited is returned as it is."""
        if getattr(type(awaitable), "__await__", None) is None:
            return awaitable
        return _Observed(awaitable.__await__(), self)

    def stop(self) -> None:
        """Record no further suspensions."""
        self._is_stopped = True

    def suspended(self) -> None:
        """Note that the coroutine waits."""
        self._suspended_ns = None if self._is_stopped else clock.now_ns()

    def resumed(self, coroutine: Any) -> None:
        """Note that the coroutine, which is suspended still, will go on."""
        start_ns, self._suspended_ns = self._suspended_ns, None
        if start_ns is None or self._is_stopped:
            return
        now_ns = clock.now_ns()
        waited_ns = now_ns - start_ns
        if waited_ns < _SHORT_NS and self._searched_ns > _LONGEST_SEARCH_NS:
            return
        own = [frame for frame in suspended_frames(coroutine) if own_code.is_own_code(frame.f_code.co_filename)]
        if own:
            self._note(source_locations.site_of(own[0]), source_locations.site_of(own[-1]), start_ns, waited_ns)
        self._searched_ns += clock.now_ns() - now_ns

    def _note(self, site: Site, inside: Site, start_ns: int, waited_ns: int) -> None:
        line = self._lines.get(site)
        if line is None:
            if len(self._lines) >= _MOST_LINES:
                return
            line = self._lines[site] = _Line(start_ns)
        line.times += 1
        line.waited_ns += waited_ns
        if waited_ns > line.longest_ns:
            line.longest_ns, line.inside = waited_ns, inside if inside != site else None

    def awaits(self) -> tuple[LifespanAwait, ...]:
        """What was recorded so far, in order of time."""
        return tuple(self._records())

    def _records(self) -> Iterator[LifespanAwait]:
        for site, line in list(self._lines.items()):
            location = source_locations.location(site)
            if location is not None:
                yield LifespanAwait(
                    location,
                    clock.ms(line.waited_ns),
                    clock.ms(line.start_ns),
                    line.times,
                    source_locations.location(line.inside),
                )


class _Observed(SteppedCoroutine):
    """Passes each step on to the iterator of another awaitable."""

    def __init__(self, inner: Any, recorder: AwaitRecorder) -> None:
        self.inner = inner
        self._recorder = recorder

    def __await__(self) -> Any:
        return self

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        self._recorder.resumed(self.inner)
        value = next(self.inner)
        self._recorder.suspended()
        return value

    def send(self, value: Any) -> Any:
        """Resume the coroutine."""
        self._recorder.resumed(self.inner)
        value = self.inner.send(value)
        self._recorder.suspended()
        return value

    def throw(self, *error: Any) -> Any:
        """Resume the coroutine with an exception."""
        self._recorder.resumed(self.inner)
        value = self.inner.throw(*error)
        self._recorder.suspended()
        return value

    def close(self) -> None:
        """End the coroutine."""
        close = getattr(self.inner, "close", None)
        if close is not None:
            close()
