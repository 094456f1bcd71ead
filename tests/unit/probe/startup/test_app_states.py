"""States of a target: changes of states that the recorder cannot see are found by comparing."""

from __future__ import annotations

from typing import Any

import pytest

from netra_contracts.probe.startup.app_states import AppStates
from netra_contracts.probe.startup.recorder import Recorder


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
