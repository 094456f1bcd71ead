"""The registry of scenarios: which ones a contract requests, in which order, and how long they may take."""

from __future__ import annotations

import pytest

from netra_contracts.clients import max_duration_s
from netra_contracts.clients.scenarios import SCENARIOS, in_turn, requested
from tests.unit.clients.served_app import BAD_TOKENS, contract


@pytest.mark.parametrize(
    ("terms", "names"),
    [
        ({}, []),
        ({"reject_bad_tokens": True}, [*BAD_TOKENS]),
        ({"slow_reader": True}, ["slow reader"]),
        ({"reconnect": True}, ["reconnect"]),
        ({"expiry": True}, ["expiry"]),
        ({"burst": 2}, ["burst"]),
    ],
)
def test_contract_requests_scenarios(terms: dict[str, object], names: list[str]) -> None:
    assert [scenario.name for scenario in requested(contract(**terms))] == ["delivery", *names]


def test_bad_tokens_run_at_once_and_expiry_runs_beside_the_others() -> None:
    groups = in_turn(list(SCENARIOS))
    assert [[scenario.name for scenario in group] for group in groups] == [
        ["delivery"],
        [*BAD_TOKENS],
        ["slow reader"],
        ["reconnect"],
        ["burst"],
    ]


def test_names_are_unique() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "terms", [{"reject_bad_tokens": True}, {"slow_reader": True}, {"reconnect": True}, {"expiry": True}, {"burst": 2}]
)
def test_each_requested_scenario_extends_the_maximum_duration(terms: dict[str, object]) -> None:
    assert max_duration_s(contract(**terms)) > max_duration_s(contract())


def test_maximum_duration_covers_the_waits_for_the_deadline() -> None:
    assert max_duration_s(contract(deadline_s=100.0)) - max_duration_s(contract(deadline_s=10.0)) == pytest.approx(270)
