"""What the clients of a served target received, as reports have it."""

from __future__ import annotations

from netra_contracts.contracts.model import FrozenModel
from netra_contracts.protocol.location import Location


class ScenarioReport(FrozenModel):
    """One scenario: clients with one behaviour.

    Attributes:
        name: name of the scenario.
        clients: number of clients that connected.
        events: number of events that they received.
        ms: how long the scenario took.
        skipped: why it did not run; empty if it did.
    """

    name: str
    clients: int = 0
    events: int = 0
    ms: float = 0.0
    skipped: str = ""


class LatencyBucket(FrozenModel):
    """How many times between two events are of a similar length.

    Attributes:
        up_to_ms: limit of these times, which exceed that of the bucket before; null: unlimited.
        events: number of events that arrived after such a time.
    """

    up_to_ms: float | None
    events: int


class ClientsReport(FrozenModel):
    """The client scenarios. Times are those between two events of a run, for normal clients.

    Attributes:
        server: name and version of the server that served the target.
        users: number of synthetic users.
        events: number of events that normal clients received.
        p50_ms: median time.
        p90_ms: 90th percentile.
        p99_ms: 99th percentile.
        max_ms: longest time.
        events_per_s: events per second.
        latencies: how many of the times are in each bucket, from the first to the last that has any.
        scenarios: the scenarios in order.
        skipped: why no client connected; empty if clients did.
        declared_at: line of the event contract; null: unknown.
    """

    server: str = ""
    users: int = 0
    events: int = 0
    p50_ms: float | None = None
    p90_ms: float | None = None
    p99_ms: float | None = None
    max_ms: float | None = None
    events_per_s: float | None = None
    latencies: tuple[LatencyBucket, ...] = ()
    scenarios: tuple[ScenarioReport, ...] = ()
    skipped: str = ""
    declared_at: Location | None = None
