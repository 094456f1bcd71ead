"""The probe's own clock, out of reach of a target that replaces `time`."""

from __future__ import annotations

from time import perf_counter_ns

_now = perf_counter_ns
_start = _now()


def now_ns() -> int:
    """Nanoseconds since the probe began."""
    return _now() - _start


def ms(ns: int) -> float:
    """Nanoseconds as ms, to the microsecond."""
    return round(ns / 1e6, 3)


def now_ms() -> float:
    """Ms since the probe began."""
    return ms(now_ns())
