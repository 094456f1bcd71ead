"""States of classes that the recorder does not know are compared, and each change is recorded once."""

from __future__ import annotations

from netra_contracts.probe.startup.app_states import AppStates
from netra_contracts.probe.startup.recorder import Recorder


class Services:
    """A state that keeps some entries in attributes, and one in a slot."""

    __slots__ = ("__dict__", "limit")

    def __init__(self) -> None:
        self.limit = 10
        self.pool = object()


def compared(states: AppStates) -> list[tuple[str, str]]:
    """Operations and components of the changes after one more comparison."""
    states.compare()
    return [(change.operation, change.component) for change in states.state_changes()]


def test_entries_of_an_object_are_recorded_once_however_often_they_are_compared() -> None:
    states = AppStates(Recorder(), None, Services(), set())
    first = compared(states)
    assert sorted(first) == [("set", "limit"), ("set", "pool")]
    assert compared(states) == first


def test_replaced_and_deleted_entries_of_an_object_are_recorded() -> None:
    services = Services()
    states = AppStates(Recorder(), None, services, set())
    first = compared(states)
    services.pool = object()
    del services.limit
    assert compared(states) == [*first, ("set", "pool"), ("delete", "limit")]
    assert [entry.address for entry in states.components()] == ["pool"]
