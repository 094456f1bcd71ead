"""A burst requests many runs on one connection."""

from __future__ import annotations

from netra_contracts.clients import TargetCalls, observe
from tests.unit.clients.served_app import (
    NAMES,
    Chat,
    contract,
    served,
    tokens,
)


def test_burst_receives_the_events_of_all_its_runs() -> None:
    with served(Chat()) as port:
        live = observe(port, contract(burst=50), TargetCalls(tokens))

    burst = live.scenarios[-1]
    assert burst.name == "burst"
    (client,) = burst.clients
    assert (client.sent, client.ended, len(client.events)) == (50, "done", 250)
    assert [event.run for event in client.events] == [number for number in range(50) for _ in NAMES]
    assert not any(event.is_repeat for event in client.events)
