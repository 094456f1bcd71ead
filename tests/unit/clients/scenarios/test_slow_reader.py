"""Users are served beside a client that does not read, unless the application blocks."""

from __future__ import annotations

from tests.unit.clients.served_app import (
    Chat,
    observed,
)


def test_others_are_served_beside_a_slow_reader() -> None:
    scenario = observed(Chat(padding=2000), slow_reader=True, users=7, deadline_s=5.0)["slow reader"]

    assert [(len(client.events), client.ended) for client in scenario.clients] == [(5, "done")] * 5


def test_shared_lock_stalls_the_others_behind_a_slow_reader() -> None:
    scenario = observed(Chat(one_lock=True, padding=2000), slow_reader=True, users=2, deadline_s=1.5)["slow reader"]

    assert [(client.events, client.ended) for client in scenario.clients] == [((), "deadline")] * 2
