"""Which reading of an address applies, and what is recorded of components that are not entries."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from netra_contracts.probe.inspection.questions import ComponentNotFoundError, NotProvidedError
from netra_contracts.probe.inspection.safe_inspect import MISSING
from netra_contracts.probe.startup.states.app_states import AppStates, StateLookup
from netra_contracts.probe.startup.states.recorder import Recorder


class Thing:
    """A component."""


@pytest.fixture
def module() -> Iterator[ModuleType]:
    made = sys.modules["asked_here"] = ModuleType("asked_here")
    yield made
    del sys.modules["asked_here"]


def find(state: dict[str, Any], address: str) -> Any:
    return StateLookup(AppStates(Recorder(), (), state, {address})).find(address)


@pytest.mark.parametrize(
    ("address", "entries"),
    [
        ("a.b", {"a.b": 1, "a": SimpleNamespace(b=2)}),
        ("a.b.c", {"a.b": SimpleNamespace(c=1), "a": SimpleNamespace(b=SimpleNamespace(c=2))}),
        ("a.b.c", {"a": SimpleNamespace(b=SimpleNamespace(c=1))}),
        ("asked_here:engine", {"asked_here:engine": 1}),
        ("asked_here:engine.a", {"asked_here:engine": SimpleNamespace(a=1)}),
        ("module:asked_here", {"module:asked_here": 1}),
        ("asked_here:get()", {"asked_here:get()": 1}),
        ("a:b:c", {"a:b:c": 1}),
        ("ctx[m:C]", {"ctx[m:C]": 1}),
        ("/x.y:z", {"/x.y:z": 1}),
    ],
)
def test_longest_entry_precedes_all_other_readings(module: ModuleType, address: str, entries: dict[str, Any]) -> None:
    module.engine = SimpleNamespace(a=2)  # type: ignore[attr-defined]  # a module of the test
    assert find(entries, address) == 1


def test_longest_entry_is_taken_even_if_its_path_leads_to_nothing() -> None:
    with pytest.raises(ComponentNotFoundError, match=r"a\.b\.c"):
        find({"a.b": object(), "a": SimpleNamespace(b=SimpleNamespace(c=1))}, "a.b.c")


def test_explicit_form_passes_an_entry_by(module: ModuleType) -> None:
    module.engine = 2  # type: ignore[attr-defined]  # a module of the test
    entries = {"asked_here:engine": 1, "module:asked_here:engine": 1}
    assert find(entries, "module:asked_here:engine") == 2


def test_name_of_an_entry_that_does_not_exist_is_missing() -> None:
    assert find({}, "pool") is MISSING
    assert find({}, "my pool:x") is MISSING
    with pytest.raises(ComponentNotFoundError) as raised:
        find({}, "ctx.a.b")
    assert raised.value.missing == "ctx"


def test_provider_that_has_not_been_called_is_unknown(module: ModuleType) -> None:
    module.get = Thing  # type: ignore[attr-defined]  # a module of the test
    with pytest.raises(NotProvidedError):
        find({}, "asked_here:get()")


def test_module_that_was_not_imported_is_missing_and_stays_so() -> None:
    with pytest.raises(ComponentNotFoundError) as raised:
        find({}, "ensurepip._uninstall:x")
    assert raised.value.reason == "not-imported"
    assert "ensurepip._uninstall" not in sys.modules


def changes(states: AppStates, address: str) -> list[tuple[str, bool]]:
    found = (change for change in states.state_changes() if change.component == address)
    return [(change.operation, change.is_none) for change in found if change.compared]


def test_changes_below_an_entry_are_found_by_comparing() -> None:
    state = {"ctx": SimpleNamespace(pool=None), "other": Thing()}
    states = AppStates(Recorder(), (), state, {"ctx.pool", "ctx.late"})
    states.compare()
    states.compare()
    state["ctx"].pool = Thing()  # type: ignore[attr-defined]  # of the namespace
    states.compare()
    del state["ctx"].pool  # type: ignore[attr-defined]  # of the namespace
    states.compare()
    assert changes(states, "ctx.pool") == [("set", True), ("set", False), ("delete", False)]
    assert changes(states, "ctx.late") == []


def test_what_the_recorder_sees_in_a_nested_state_is_not_compared() -> None:
    recorder = Recorder()
    first, second = recorder.recording(), recorder.recording()
    state: dict[str, Any] = {"ctx": first}
    states = AppStates(recorder, (), state, {"ctx.pool"})

    def noted() -> list[tuple[str, bool]]:
        states.compare()
        return [
            (change.operation, change.compared) for change in states.state_changes() if change.component == "ctx.pool"
        ]

    first["pool"] = Thing()
    assert noted() == [("set", False)]
    del first["pool"]
    assert noted() == [("set", False), ("delete", False)]
    first["pool"] = Thing()
    assert noted()[2:] == [("set", False)]
    state["ctx"] = second
    assert noted()[3:] == [("delete", True)]
    second["pool"] = Thing()
    assert noted()[4:] == [("set", False)]


def test_nothing_is_compared_below_entries_that_no_contract_names() -> None:
    recorder = Recorder()
    states = AppStates(recorder, (), recorder.recording({"ctx": SimpleNamespace(pool=Thing())}.items()), {"ctx"})
    assert states.others is None
    states.compare()
    assert recorder.entries == []


def test_property_is_not_read_at_each_comparison() -> None:
    class Context:
        reads = 0

        @property
        def pool(self) -> Thing:
            """The pool."""
            type(self).reads += 1
            return POOL

    states = AppStates(Recorder(), (), {"ctx": Context()}, {"ctx.pool"})
    states.compare()
    assert Context.reads == 0
    states.compare(computed=True)
    reads = Context.reads
    states.compare()
    assert reads == Context.reads
    assert changes(states, "ctx.pool") == [("set", False)]


POOL = Thing()


def test_object_of_a_module_that_was_replaced_in_the_state_is_a_stale_reference(module: ModuleType) -> None:
    module.bus = first = Thing()  # type: ignore[attr-defined]  # a module of the test
    state: dict[str, Any] = {"bus": first}
    states = AppStates(Recorder(), (), state, {"bus", "asked_here:bus"})
    states.compare()
    state["bus"] = Thing()
    states.compare()
    (stale,) = states.stale_references()
    assert (stale.holder, stale.path, stale.component) == ("asked_here:bus", "", "bus")


def test_entry_that_holds_what_was_replaced_in_a_module_is_a_stale_reference(module: ModuleType) -> None:
    module.bus = first = Thing()  # type: ignore[attr-defined]  # a module of the test
    states = AppStates(Recorder(), (), {"bus": first, "user": [first]}, {"asked_here:bus"})
    states.compare()
    module.bus = Thing()  # type: ignore[attr-defined]  # a module of the test
    states.compare()
    assert [(stale.holder, stale.path, stale.component) for stale in states.stale_references()] == [
        ("bus", "", "asked_here:bus")
    ]


def test_object_of_a_module_is_not_an_earlier_object_of_an_entry_of_that_name(module: ModuleType) -> None:
    module.bus = Thing()  # type: ignore[attr-defined]  # a module of the test
    recorder = Recorder()
    state = recorder.recording()
    states = AppStates(recorder, (), state, {"asked_here:bus", "module:asked_here:bus"})
    states.compare()
    state["asked_here:bus"] = Thing()
    states.compare()
    assert changes(states, "asked_here:bus") == []
    assert changes(states, "module:asked_here:bus") == [("set", False)]
    assert states.stale_references() == ()


def test_two_entries_of_which_one_was_replaced_are_no_stale_references() -> None:
    first = Thing()
    state = {"bus": first, "other": first}
    states = AppStates(Recorder(), (), state, set())
    states.compare()
    state["bus"] = Thing()
    states.compare()
    assert states.stale_references() == ()
