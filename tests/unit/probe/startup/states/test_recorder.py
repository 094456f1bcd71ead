"""What is done to a recorded state is written down, with the line that did it."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import starlette.datastructures
from starlette.datastructures import State

from netra_contracts.probe.runtime import exceptions
from netra_contracts.probe.startup.instrumentation import hook_state_module
from netra_contracts.probe.startup.states.recorder import Recorder, RecordingDict


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    made = Recorder()
    hook_state_module(made)(starlette.datastructures)
    yield made
    made.unhook()
    made.pause()


def entries(state: State) -> Any:
    return object.__getattribute__(state, "_state")


def told(recorder: Recorder) -> list[tuple[str, str]]:
    return [(entry.operation, entry.key) for entry in recorder.entries]


def set_attribute(state: State) -> None:
    state.pool = 1


def set_item(state: State) -> None:
    state["pool"] = 1


def set_below(state: State) -> None:
    entries(state)["pool"] = 1


def update(state: State) -> None:
    entries(state).update(pool=1)


def merge(state: State) -> None:
    below = entries(state)
    below |= {"pool": 1}


def set_default(state: State) -> None:
    entries(state).setdefault("pool", 1)


@pytest.mark.parametrize("write", [set_attribute, set_item, set_below, update, merge, set_default])
def test_every_way_to_write_is_recorded_with_its_line(recorder: Recorder, write: Callable[[State], None]) -> None:
    state = State()
    write(state)
    (entry,) = recorder.entries
    assert (entry.operation, entry.key, entry.cls, state.pool) == ("set", "pool", int, 1)
    lines, first = inspect.getsourcelines(write)
    assert entry.site == (__file__, first + len(lines) - 1, write.__name__)


@pytest.mark.parametrize(
    "remove",
    [
        lambda state: delattr(state, "pool"),
        lambda state: entries(state).pop("pool"),
        lambda state: entries(state).popitem(),
        lambda state: entries(state).clear(),
    ],
)
def test_every_way_to_remove_is_recorded(recorder: Recorder, remove: Callable[[State], None]) -> None:
    state = State({"pool": 1})
    remove(state)
    assert told(recorder) == [("set", "pool"), ("delete", "pool")]
    assert not list(state)


def test_failed_read_is_an_event_and_marks_the_error_that_it_became(recorder: Recorder) -> None:
    with pytest.raises(AttributeError) as caught:
        _ = State().pool
    (entry,) = recorder.entries
    assert (entry.operation, entry.key) == ("read", "pool")
    assert exceptions.of_exception("raised", caught.value).failed_read == entry.seq


def test_successful_read_is_no_event(recorder: Recorder) -> None:
    state = State({"pool": 1})
    assert state.pool == state["pool"] == 1
    assert told(recorder) == [("set", "pool")]


def pickled(value: object) -> object:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - its own


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, dict, lambda d: d.copy(), pickled])
def test_copies_are_plain_dicts(recorder: Recorder, copied: Callable[[Any], Any]) -> None:
    state = State({"pool": [1]})
    made = copied(entries(state))
    assert type(made) is dict
    assert made == {"pool": [1]}
    made["later"] = 2
    assert told(recorder) == [("set", "pool")]


def test_dict_that_somebody_else_holds_stays_that_dict(recorder: Recorder) -> None:
    shared = {"pool": 1}
    state = State(shared)
    state.later = 2
    assert shared == {"pool": 1, "later": 2}
    assert entries(state) is shared


def test_objects_have_different_versions(recorder: Recorder) -> None:
    first, second = object(), object()
    state = State()
    for value in (first, first, second, None):
        state.pool = value
    versions = [entry.version for entry in recorder.entries]
    assert versions[0] == versions[1] != versions[2] != ""
    assert versions[3] == ""


def test_recorder_keeps_nothing_alive_that_can_be_referred_to_weakly(recorder: Recorder) -> None:
    class Pool:
        pass

    state = State()
    state.pool = Pool()
    state.pool = None
    assert recorder.versions.alive() == {}


def test_paused_recorder_leaves_a_dict_without_methods_of_its_own(recorder: Recorder) -> None:
    state = State()
    recorder.pause()
    state.pool = 1
    assert recorder.entries == []
    assert RecordingDict.__setitem__ is dict.__setitem__
    assert not hasattr(RecordingDict, "__missing__")
    recorder.resume()
    state.pool = 2
    assert told(recorder) == [("set", "pool")]


def test_recorded_entries_are_json_like_any_dict(recorder: Recorder) -> None:
    assert json.dumps(entries(State({"pool": 1}))) == '{"pool": 1}'
