"""Measures which lines block the event loop: a thread looks at the stack of the loop's thread every few milliseconds.

Nothing is replaced in the loop: what asyncio calls is visible to the application and costs time at each turn. A step
of the loop that is seen several times has been running since the first time. The turns of an asyncio loop are counted
where it asks for the time, since the probe has given it its clock already; other loops are asked to call a function
that counts. The stack of a greenlet does not lead to the loop: what it does belongs to the step that ran before.

C code that holds the interpreter's lock also stops the sampling thread. In most cases it gets the lock when that code
returns, while the step still runs; if another thread gets it first, a later line or step is seen. The time of the
probe's own work in a step, and time in which the system did not run the thread (`schedstat` of proc(5)), do not count.
"""

from __future__ import annotations

import _thread
import asyncio
import os
import sys
from types import FrameType
from typing import Any, NamedTuple

from ...protocol.observed.event_loop import BlockedLoop
from ..inspection import own_code, source_locations
from ..inspection.source_locations import Site
from . import clock

_PERIOD_S = 0.01
_MOST_BLOCKS = 200
_DEEPEST = 500
_RUN_HANDLE: Any = asyncio.Handle._run.__code__  # private, by every version
_RUN_ONCE: Any = asyncio.BaseEventLoop._run_once.__code__  # type: ignore[attr-defined]  # the same


class _Sample(NamedTuple):
    """What the thread of the loop did.

    Attributes:
        step: identifies the step that it ran: the number of the turn, and the handle (0: unknown); None: it waited.
        site: the line that explains it; None: work of the probe.
        innermost: the innermost line.
    """

    step: tuple[int, int] | None
    site: Site | None
    innermost: Site | None


class _Step:
    """A step of the loop that is seen for some time."""

    def __init__(self, began_ns: int) -> None:
        self.began_ns = began_ns
        self.took_ns: dict[Site, int] = {}
        self.innermost: dict[Site, Site | None] = {}


class LoopSampler:
    """Samples one loop, from `start` to `stop`.

    Args:
        threshold_ms: steps that take less are not recorded.
    """

    def __init__(self, threshold_ms: float) -> None:
        self._threshold_ms = threshold_ms
        self._blocks: list[BlockedLoop] = []
        self._turns = 0
        self._turned_ns = 0
        self._key: tuple[int, int] | None = None
        self._step: _Step | None = None
        self._sampled_ns = 0
        self._delayed_ns: int | None = None
        self._loop: Any = None
        self._clock: Any = None
        self._counting: Any = None
        self._stopping = _thread.allocate_lock()
        self._ended = _thread.allocate_lock()

    def start(self, loop: Any) -> None:
        """Start sampling. To be called in the thread of the loop.

        Args:
            loop: the running loop.
        """
        self._loop = loop
        self._thread = _thread.get_ident()
        self._schedstat = f"/proc/self/task/{_thread.get_native_id()}/schedstat"
        own_clock = vars(loop).get("time") if isinstance(loop, asyncio.BaseEventLoop) else None
        if own_clock is not None:
            self._clock = own_clock
            loop.time = self._counting = self._with_count(own_clock)
        self._sampled_ns = clock.now_ns()
        self._stopping.acquire()
        self._ended.acquire()
        try:
            _thread.start_new_thread(self._run, ())
        except RuntimeError:  # the system allows no more threads
            self._ended.release()

    def stop(self) -> None:
        """Stop sampling."""
        self._stopping.release()
        self._ended.acquire(True, 1.0)
        if self._counting is not None and vars(self._loop).get("time") is self._counting:
            self._loop.time = self._clock

    def blocks(self) -> tuple[BlockedLoop, ...]:
        """What has blocked the loop, in order."""
        return tuple(self._blocks)

    def _with_count(self, now: Any) -> Any:
        def time() -> Any:
            if sys._getframe(1).f_code is _RUN_ONCE:
                self._count()
            return now()

        return time

    def _count(self) -> None:
        self._turns += 1
        self._turned_ns = clock.now_ns()

    def _run(self) -> None:
        try:
            while not self._stopping.acquire(True, _PERIOD_S):
                self._look(clock.now_ns())
            self._end_step()
        finally:
            self._ended.release()

    def _look(self, now_ns: int) -> None:
        sample = self._sample(sys._current_frames().get(self._thread))
        delay_ns = self._delay()
        if not _is_same(sample.step, self._key):
            self._end_step()
            self._key = sample.step
            self._step = _Step(max(self._turned_ns, self._sampled_ns)) if sample.step is not None else None
        step = self._step
        if step is not None:
            took_ns = now_ns - max(step.began_ns, self._sampled_ns) - delay_ns
            if sample.site is not None:
                step.took_ns[sample.site] = step.took_ns.get(sample.site, 0) + max(took_ns, 0)
                step.innermost[sample.site] = sample.innermost
        self._sampled_ns = now_ns
        if self._counting is None:
            try:
                self._loop.call_soon_threadsafe(self._count)
            except RuntimeError:  # the loop is closed
                return

    def _end_step(self) -> None:
        step, self._step = self._step, None
        if step is None or not step.took_ns or len(self._blocks) >= _MOST_BLOCKS:
            return
        took_ms = {site: clock.ms(took_ns) for site, took_ns in step.took_ns.items()}
        long = {site: ms for site, ms in took_ms.items() if ms >= self._threshold_ms}
        if not long and sum(took_ms.values()) >= self._threshold_ms:
            long = {max(took_ms, key=took_ms.__getitem__): round(sum(took_ms.values()), 3)}
        for site, ms in long.items():
            innermost = step.innermost[site]
            self._blocks.append(
                BlockedLoop(
                    ms,
                    clock.ms(step.began_ns),
                    source_locations.location(site),
                    source_locations.location(innermost) if innermost != site else None,
                )
            )

    def _delay(self) -> int:
        """How long the thread could have run since the last call while the system ran others, in nanoseconds."""
        try:
            descriptor = os.open(self._schedstat, os.O_RDONLY)
            try:
                delayed_ns = int(os.read(descriptor, 100).split()[1])
            finally:
                os.close(descriptor)
        except (OSError, ValueError, IndexError):  # not Linux, or a kernel without it
            return 0
        before_ns, self._delayed_ns = self._delayed_ns, delayed_ns
        return delayed_ns - before_ns if before_ns is not None else 0

    def _sample(self, frame: FrameType | None) -> _Sample:
        """What the frames of the loop's thread say."""
        innermost = frame
        site: Site | None = None
        second: Site | None = None
        of_probe = False
        handle = 0
        waits = frame is None or (own_code.is_probe(frame.f_code.co_filename) and self._counting is None)
        for _ in range(_DEEPEST):
            if frame is None:
                break
            code = frame.f_code
            if code is _RUN_HANDLE:
                handle = id(frame.f_locals.get("self"))
                break
            if code is _RUN_ONCE:
                waits = True
                break
            if site is None and not of_probe:
                rank = own_code.rank(code.co_filename)
                of_probe = second is None and own_code.is_probe(code.co_filename)
                site = source_locations.site_of(frame) if rank == own_code.OWN else None
                # If only libraries run, their outermost line says which of their functions was called.
                second = source_locations.site_of(frame) if rank == own_code.LIBRARY else second
            frame = frame.f_back
        if waits or innermost is None:
            return _Sample(None, None, None)
        return _Sample((self._turns, handle), site or second, source_locations.site_of(innermost))


def _is_same(step: tuple[int, int] | None, known: tuple[int, int] | None) -> bool:
    """Whether a step is one that was seen before. The stack of a greenlet does not lead to its handle."""
    if step is None or known is None:
        return False
    return step[0] == known[0] and (step[1] == known[1] or 0 in (step[1], known[1]))
