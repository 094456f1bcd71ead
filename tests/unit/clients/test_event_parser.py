"""Of a received message, the event's name, its run and its repetition are read."""

from __future__ import annotations

import json

from netra_contracts.clients.event_parser import EventParser, EventReader
from netra_contracts.clients.synthetic_users import UserPool
from tests.unit.clients.served_app import contract


def read(*bodies: object, **terms: str) -> list[tuple[str, int, bool]]:
    """Name, run and repetition of messages that one client reads one after the other."""
    reader = EventReader(EventParser(contract(**terms), UserPool(), lambda _: False), "alice")
    events = [reader.event(json.dumps(body), 1.0) for body in bodies]
    return [(event.name, event.run, event.is_repeat) for event in events if event]


def test_paths_lead_through_objects_only() -> None:
    assert read({"a": {"b": "agent_started"}}, {"a": ["b"]}, {"a": "b"}, [], 3, None, event_field="a.b") == [
        ("agent_started", 0, False),
        *[("", 0, False)] * 5,
    ]


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

    event = reader.event("[" * 200_000, 1.0)

    assert event is not None
    assert event.name == ""
