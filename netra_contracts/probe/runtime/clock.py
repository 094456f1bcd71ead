"""The probe's own clock. A target that replaces functions of `time` does not reach it, see `private_modules`."""

from __future__ import annotations

import time

_start = time.perf_counter_ns()


def now_ns() -> int:
    """Nanoseconds since the probe began."""
    return time.perf_counter_ns() - _start


def busy_ns() -> int:
    """Nanoseconds of processor time that all threads of the process have used, those of ended threads included.

    Not that of the calling thread: a stage works in threads as well, and the watchdog ends a stage in one of its own.
    Child processes do not count.
    """
    return time.process_time_ns()


def ms(ns: int) -> float:
    """Nanoseconds as ms, to the microsecond."""
    return round(ns / 1e6, 3)


def now_ms() -> float:
    """Ms since the probe began."""
    return ms(now_ns())
