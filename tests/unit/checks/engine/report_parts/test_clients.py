"""The figures of client scenarios: percentiles and the distribution of latencies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_contracts.checks.engine.report_parts.clients import LIMITS_MS, clients_report, latency_buckets
from netra_contracts.contracts.model import ContractSource, DeliveryContract, ExpectedEvent
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.clients import (
    ClientLog,
    ClientObservation,
    ReceivedEvent,
    Scenario,
    ServerObservation,
)
from tests.unit.checks.evidence import Startup


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([], []),
        ([0.0], [(0.1, 1)]),
        ([1.0, 1.001], [(1, 1), (2, 1)]),
        ([3.0, 4.0, 90.0], [(5, 2), (10, 0), (20, 0), (50, 0), (100, 1)]),
        ([10000.0, 10000.5], [(10000, 1), (None, 1)]),
    ],
)
def test_bucket_has_the_times_up_to_its_limit(times: list[float], expected: list[tuple[float | None, int]]) -> None:
    assert [(bucket.up_to_ms, bucket.events) for bucket in latency_buckets(times)] == expected


@given(st.lists(st.floats(0, 1e6)))
def test_each_time_is_in_one_bucket_and_the_buckets_have_no_gaps(times: list[float]) -> None:
    buckets = latency_buckets(times)
    assert sum(bucket.events for bucket in buckets) == len(times)
    limits = [bucket.up_to_ms for bucket in buckets]
    start = [*LIMITS_MS, None].index(limits[0]) if limits else 0
    assert limits == [*LIMITS_MS, None][start : start + len(limits)]


def test_report_has_percentiles_buckets_and_the_line_of_the_event_contract() -> None:
    line = Location("/home/ada/shop/pyproject.toml", 30)
    names = [f"step {number}" for number in range(20)]
    contract = DeliveryContract(
        path="/ws",
        expect=tuple(ExpectedEvent(name=name) for name in names),
        terminal=names[-1],
        origin=ContractSource(location=line),
    )
    # The times between the events are 1 ms to 20 ms.
    events = tuple(ReceivedEvent(name, number * (number + 1) / 2) for number, name in enumerate(names, 1))
    delivery = Scenario("delivery", (ClientLog("alice", 1, events),))
    startup = Startup().sees(clients=ClientObservation((delivery,)), server=ServerObservation("uvicorn 0.30"))
    report = clients_report(startup.recording().model_copy(update={"events_contract": contract}))
    assert report is not None
    assert (report.p50_ms, report.p90_ms, report.p99_ms, report.max_ms) == (10.0, 18.0, 20.0, 20.0)
    buckets = [(bucket.up_to_ms, bucket.events) for bucket in report.latencies]
    assert buckets == [(1, 1), (2, 1), (5, 3), (10, 5), (20, 10)]
    assert (report.events, report.declared_at) == (20, line)
