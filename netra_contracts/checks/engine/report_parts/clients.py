"""Figures about the events that clients received."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from netra_contracts.checks.engine.received_events import ReceivedEvents, percentile, was_connected
from netra_contracts.model.recording import Recording
from netra_contracts.model.report_of_clients import ClientsReport, LatencyBucket, ScenarioReport

#: Upper limits in ms of the buckets of latencies, the same in each report so that reports can be compared.
LIMITS_MS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


def clients_report(recording: Recording) -> ClientsReport | None:
    """The client scenarios of a recording; None: it has none, or no event contract."""
    clients, contract, served = recording.observation.clients, recording.events_contract, recording.observation.server
    if clients is None or contract is None:
        return None
    received = ReceivedEvents(contract, clients)
    times = [latency.ms for latency in received.latencies()]
    delivery = received.scenarios.get("delivery")
    last = max((event.ms for client in received.clients("delivery") for event in received.of(client)), default=0.0)
    return ClientsReport(
        server=served.server if served else "",
        users=len(delivery.clients) if delivery else 0,
        events=len(times),
        p50_ms=_percentile(times, 0.5),
        p90_ms=_percentile(times, 0.9),
        p99_ms=_percentile(times, 0.99),
        max_ms=round(max(times), 3) if times else None,
        events_per_s=round(len(times) / last * 1000, 1) if last else None,
        latencies=latency_buckets(times),
        scenarios=tuple(
            ScenarioReport(
                name=scenario.name,
                clients=sum(map(was_connected, scenario.clients)),
                events=sum(len(client.events) for client in scenario.clients),
                ms=scenario.ms,
                skipped=scenario.skipped,
            )
            for scenario in clients.scenarios
        ),
        skipped=clients.skipped,
        declared_at=contract.origin.location,
    )


def _percentile(times: Sequence[float], part: float) -> float | None:
    return round(percentile(times, part), 3) if times else None


def latency_buckets(times: Sequence[float]) -> tuple[LatencyBucket, ...]:
    """How many times, in ms, each bucket has: from the first to the last that has any.

    A bucket has the times above the limit of the one before it, up to its own limit. The last bucket has no limit.
    """
    counts = Counter(bisect_left(LIMITS_MS, ms) for ms in times)
    used = range(min(counts), max(counts) + 1) if counts else range(0)
    limits = (*LIMITS_MS, None)
    return tuple(LatencyBucket(up_to_ms=limits[index], events=counts[index]) for index in used)
