"""Of a received message, the event's name, its run and its repetition are read."""

from __future__ import annotations

import json

from netra_contracts.clients.event_parser import EventParser, EventReader
from netra_contracts.clients.synthetic_users import UserPool
from tests.unit.clients.served_app import contract


def read(*bodies: object, **terms: str) -> list[tuple[str, int | None, bool]]:
    """Name, run and repetition of the events in messages that one client reads one after the other."""
    reader = EventReader(EventParser(contract(**terms), UserPool(), lambda _: False), "alice")
    events = [event for body in bodies for event in reader.events(json.dumps(body), 1.0)]
    return [(event.name, event.run, event.is_repeat) for event in events]


def test_paths_lead_through_objects_only() -> None:
    bodies = [{"a": {"b": "agent_started"}}, {"a": ["b"]}, {"a": "b"}, [], 3, None]
    assert read(*bodies, event_field="a.b", run_field="", id_field="") == [
        ("agent_started", 0, False),
        *[("", 0, False)] * 4,
    ]


def test_numbers_in_a_path_are_positions_in_arrays() -> None:
    frame = ["1", "2", "topic", "agent_started", {"run": 7}]
    read_frames = read(frame, frame[:3], event_field="3", run_field="4.run", id_field="")
    assert read_frames == [("agent_started", 0, False), ("", None, False)]


def test_each_event_of_an_array_is_read() -> None:
    members = [{"type": "agent_started"}, {"type": "agent_completed"}]
    whole = [("agent_started", 0, False), ("agent_completed", 0, False)]
    plain = {"run_field": "", "id_field": ""}
    assert read(members, [], **plain) == whole
    assert read({"data": {"events": members}}, events_field="data.events", **plain) == whole
    assert read({"type": "agent_started"}, events_field="data.events", **plain) == whole[:1]


def test_users_of_events_in_an_array_are_those_of_each_event_and_those_beside_the_array() -> None:
    pool = UserPool()
    alice, bob = pool.new_users(2)
    reader = EventReader(EventParser(contract(events_field="events"), pool, lambda _: False), "alice")
    own, other, none = ({"type": "x", "user": alice.id}, {"type": "x", "user": bob.id}, {"type": "x"})
    apart = reader.events(json.dumps({"events": [own, other, none]}), 1.0)
    assert [(event.foreign_user, event.has_canary) for event in apart] == [("", True), ("bob", True), ("", False)]
    beside = reader.events(json.dumps({"for": bob.id, "events": [own, none]}), 1.0)
    assert [event.foreign_user for event in beside] == ["bob", "bob"]


def test_events_before_the_message_and_those_of_ignored_runs_are_no_answers() -> None:
    reader = EventReader(EventParser(contract(run_field="run"), UserPool(), lambda _: False), "alice")

    def read_one(run: str, ms: float | None) -> tuple[bool, int | None]:
        (event,) = reader.events(json.dumps({"run": run}), ms)
        return event.is_answer, event.run

    assert read_one("a", None) == (False, None)
    assert read_one("a", 1.0) == (True, 0)
    reader.forget({'"b'} | reader.runs)
    assert [read_one(run, 1.0) for run in "abc"] == [(False, None), (False, None), (True, 0)]


def test_runs_are_numbered_by_first_appearance_and_ids_repeat_within_a_run() -> None:
    bodies = [{"run": run, "id": number} for run, number in [("x", 1), (7, 1), ("7", 1), ("x", 2), (7, 1), ("x", [2])]]

    assert [item[1:] for item in read(*bodies, run_field="run", id_field="id")] == [
        (0, False),
        (1, False),
        (2, False),
        (0, False),
        (1, True),
        (0, False),
    ]


def test_without_run_field_and_id_field_there_is_one_run_and_nothing_repeats() -> None:
    assert read({"id": 1}, {"id": 1}, run_field="", id_field="") == [("", 0, False)] * 2


def test_deeply_nested_text_has_no_name() -> None:
    reader = EventReader(EventParser(contract(), UserPool(), lambda _: False), "alice")

    (event,) = reader.events("[" * 200_000, 1.0)

    assert event.name == ""
