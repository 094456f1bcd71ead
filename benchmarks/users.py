"""Measures users: the walk through the objects that their instances reach, and events under load."""

from __future__ import annotations

import asyncio
import resource
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

from benchmarks.folders import APPS, ROOT
from benchmarks.in_process import Figure
from netra_contracts import check
from netra_contracts.probe.isolation.runner import IsolationRunner
from netra_contracts.protocol.observed.isolation import IsolationResult
from netra_contracts.protocol.plan import IsolationRequest

_MIB = 1024 * 1024


class Emitter:
    """A part of an engine."""

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.queue: list[str] = []
        self.handlers = {"started": [], "completed": []}  # type: dict[str, list[object]]


class Engine:
    """The instance of a user: some fifty objects."""

    def __init__(self, user_id: str, size: int) -> None:
        self.emitter = Emitter(user_id)
        self.parts = [[number] for number in range(size)]


class Factory:
    """Creates engines of one size."""

    def __init__(self, size: int) -> None:
        self.size = size

    def create(self, user_id: str) -> Engine:
        """Create an engine."""
        return Engine(user_id, self.size)

    def release(self, engine: Engine) -> None:
        """Release nothing: the factory keeps no reference."""


def walked(users: int, size: int = 40) -> IsolationResult:
    """Create instances for users and walk them, without a test for leaks."""
    factory = Factory(size)
    runner = IsolationRunner("benchmarks", [("factory", factory)], [], {"factory"})
    request = IsolationRequest("factory", create="create", release="release", users=users, cycles=0)
    return asyncio.run(runner.run(request))


def walking(rounds: int = 7) -> list[Figure]:
    """Measure how the time of the walk grows with users, and the memory that a large graph takes."""
    times = [(_seconds(1000), _seconds(100)) for _ in range(rounds)]
    ratio = statistics.median(many / few for many, few in times)
    command = [sys.executable, "-m", "benchmarks.users"]
    counts = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    name = f"peak memory of a process that walks {int(counts[0]):,} objects of 10 users"
    return [
        Figure("isolation, 1,000 users relative to 100", ratio, "times", "at most 12 times"),
        Figure(name, int(counts[1]) / _MIB, "MiB", "< 1,024 MiB"),
    ]


def _seconds(users: int) -> float:
    began = time.perf_counter()
    walked(users)
    return time.perf_counter() - began


class Traffic(NamedTuple):
    """The events of one run with 1,000 users."""

    events: int
    events_per_s: float
    p99_ms: float
    complete: bool


def traffic(name: str) -> Traffic:
    """Serve an application to 1,000 users at once."""
    report = check(cwd=APPS / name)
    live = report.clients
    assert live is not None, report.findings  # noqa: S101 - a benchmark that measured nothing must not print a figure
    return Traffic(live.events, live.events_per_s or 0.0, live.p99_ms or 0.0, report.ok and live.events == 5000)


def delivering(runs: int = 5) -> list[Figure]:
    """Measure the reference and the bare endpoint in turn."""
    pairs = [(traffic("reference"), traffic("bare_events")) for _ in range(runs)]
    for one, other in pairs:
        assert one.complete and other.complete, (one, other)  # noqa: S101, PT018 - same reason
    rates = statistics.median(one.events_per_s for one, _ in pairs), statistics.median(o.events_per_s for _, o in pairs)
    share = statistics.median(one.events_per_s / other.events_per_s for one, other in pairs)
    return [
        Figure("the reference, p99 from one event to the next", _median_p99(pairs, 0), "ms", "< 500 ms"),
        Figure("the bare endpoint, p99", _median_p99(pairs, 1), "ms", ""),
        Figure("the reference", rates[0], "events/s", ""),
        Figure("the bare endpoint", rates[1], "events/s", ""),
        Figure("events of the reference, relative to the bare endpoint", share, "times", ""),
    ]


def _median_p99(pairs: list[tuple[Traffic, Traffic]], which: int) -> float:
    return statistics.median(pair[which].p99_ms for pair in pairs)


if __name__ == "__main__":
    result = walked(10, 100_000)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere: getrusage(2)
    sys.stdout.write(f"{result.objects} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit}\n")
