"""States of a target: changes of states that the recorder cannot see are found by comparing."""

from __future__ import annotations

from typing import Any

import pytest

from netra_contracts.probe.startup.states.app_states import AppStates
from netra_contracts.probe.startup.states.recorder import Recorder
from netra_contracts.protocol.text_limits import MAX_NAME


class Services:
    """A state with attributes."""

    def __init__(self) -> None:
        self.pool: Any = object()
        self.limit = 1


class SlottedServices:
    """A state with slots."""

    __slots__ = ("limit", "pool")

    def __init__(self) -> None:
        self.pool: Any = object()
        self.limit = 1


def changes(states: AppStates) -> list[tuple[str, str, bool]]:
    changed = [change for change in states.state_changes() if change.component == "pool"]
    return [(change.operation, change.component, change.compared) for change in changed]


@pytest.mark.parametrize("services", [Services(), SlottedServices()])
def test_changes_of_an_object_state_are_found_by_comparing(services: Any) -> None:
    states = AppStates(Recorder(), (), services, set())
    states.compare()
    states.compare()
    assert changes(states) == [("set", "pool", True)]
    services.pool = object()
    states.compare()
    del services.pool
    states.compare()
    assert changes(states) == [("set", "pool", True), ("set", "pool", True), ("delete", "pool", True)]


class Unprintable:
    """A key without a text."""

    def __repr__(self) -> str:
        raise AssertionError("the probe wrote a key with its own code")

    __str__ = __repr__


def test_address_is_limited_unless_a_contract_names_it() -> None:
    long, declared = "n" * 1_000_000, "d" * 1_000_000
    services: Any = {f"{long}1": None, f"{long}2": None, declared: None}
    states = AppStates(Recorder(), (), services, {declared})
    states.compare()
    components = [component.address for component in states.components()]
    assert [len(address) for address in components] == [MAX_NAME, MAX_NAME, len(declared)]
    assert len(set(components)) == 3
    assert {change.component for change in states.state_changes()} == set(components)


def test_key_that_is_no_text_is_named_without_its_own_code() -> None:
    services: Any = {1: None, None: None, b"\0": None, (1, 2): None, 10**6000: None, Unprintable(): None}
    one, none, data, pair, number, own = (
        component.address for component in AppStates(Recorder(), (), services, set()).components()
    )
    assert (one, none, data, pair, own) == ("[1]", "[None]", "[b'\\x00']", "[<tuple>]", "[<Unprintable>]")
    assert len(number) == MAX_NAME
    assert number.startswith("[0x")
