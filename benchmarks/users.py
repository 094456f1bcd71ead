"""What is measured of users: the walk through what their instances reach, and events under load."""

from __future__ import annotations

import asyncio
import resource
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

from netra_contracts.probe.isolation.runner.runner import IsolationRunner

from benchmarks.in_process import Figure
from benchmarks.processes import APPS, ROOT
from netra_contracts import check
from netra_contracts.protocol.isolation import IsolationResult
from netra_contracts.protocol.plan import IsolationRequest

_MIB = 1024 * 1024


class Emitter:
    """Part of an engine."""

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.queue: list[str] = []
        self.handlers = {"started": [], "completed": []}  # type: dict[str, list[object]]


class Engine:
    """What is made for a user: some fifty objects."""

    def __init__(self, user_id: str, size: int) -> None:
        self.emitter = Emitter(user_id)
        self.parts = [[number] for number in range(size)]


class Factory:
    """Makes engines of a size."""

    def __init__(self, size: int) -> None:
        self.size = size

    def create(self, user_id: str) -> Engine:
        """A new one."""
        return Engine(user_id, self.size)

    def release(self, engine: Engine) -> None:
        """Nothing keeps it."""


def walked(users: int, size: int = 40) -> IsolationResult:
    """Have instances made for users, and walk them; nothing comes and goes afterwards."""
    factory = Factory(size)
    isolating = IsolationRunner("benchmarks", [("factory", factory)], [], {"factory"})
    asked = IsolationRequest("factory", create="create", release="release", users=users, cycles=0)
    return asyncio.run(isolating.run(asked))


def walking(rounds: int = 7) -> list[Figure]:
    """How the walk grows with users, and how much memory a large graph takes."""
    times = [(_seconds(1000), _seconds(100)) for _ in range(rounds)]
    ratio = statistics.median(many / few for many, few in times)
    command = [sys.executable, "-m", "benchmarks.users"]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    name = f"peak memory of a process that walks {int(told[0]):,} objects of 10 users"
    return [
        Figure("isolation, 1,000 users against 100", ratio, "times", "<= 12 times"),
        Figure(name, int(told[1]) / _MIB, "MiB", "< 1,024 MiB"),
    ]


def _seconds(users: int) -> float:
    began = time.perf_counter()
    walked(users)
    return time.perf_counter() - began


class Traffic(NamedTuple):
    """Events of one run with 1,000 users."""

    events: int
    events_per_s: float
    p99_ms: float
    complete: bool


def traffic(name: str) -> Traffic:
    """Serve one of the applications to 1,000 users at once."""
    report = check(cwd=APPS / name)
    live = report.clients
    assert live is not None, report.findings  # noqa: S101 - a benchmark that measured nothing must not print a figure
    return Traffic(live.events, live.events_per_s or 0.0, live.p99_ms or 0.0, report.ok and live.events == 5000)


def delivering(runs: int = 5) -> list[Figure]:
    """The reference, and the bare endpoint, in turn."""
    pairs = [(traffic("reference"), traffic("bare_events")) for _ in range(runs)]
    for one, other in pairs:
        assert one.complete and other.complete, (one, other)  # noqa: S101, PT018 - same
    rates = statistics.median(one.events_per_s for one, _ in pairs), statistics.median(o.events_per_s for _, o in pairs)
    share = statistics.median(one.events_per_s / other.events_per_s for one, other in pairs)
    return [
        Figure("the reference, p99 from one event to the next", _median_p99(pairs, 0), "ms", "< 500 ms"),
        Figure("the bare endpoint, p99", _median_p99(pairs, 1), "ms", ""),
        Figure("the reference", rates[0], "events/s", ""),
        Figure("the bare endpoint", rates[1], "events/s", ""),
        Figure("the reference against the bare endpoint", share, "times", ""),
    ]


def _median_p99(pairs: list[tuple[Traffic, Traffic]], which: int) -> float:
    return statistics.median(pair[which].p99_ms for pair in pairs)


if __name__ == "__main__":
    found = walked(10, 100_000)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere: getrusage(2)
    sys.stdout.write(f"{found.objects} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit}\n")
