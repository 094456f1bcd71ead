"""Every user receives the events of its own run; what is wrong with them is recorded."""

from __future__ import annotations

from typing import Any

from tests.unit.clients.served_app import (
    GOOD,
    NAMES,
    Chat,
    Send,
    contract,
    delivered,
    names,
)


def test_good_application_delivers_each_event_once_in_order() -> None:
    scenario = delivered(Chat())

    assert [client.user for client in scenario.clients] == ["alice", "bob", "carol"]
    for client in scenario.clients:
        assert names(client) == list(NAMES)
        assert (client.ended, client.sent, client.status, client.close_code, client.error) == (
            "done",
            1,
            None,
            None,
            "",
        )
        assert all(event.has_canary and not event.foreign_user and not event.is_repeat for event in client.events)
        times = [event.ms for event in client.events]
        assert times == sorted(times)
        assert 0 < times[0] <= times[-1] < 2000
        assert client.ms > 0


def test_thousand_users_receive_all_their_events() -> None:
    scenario = delivered(Chat(), users=1000, deadline_s=30.0)

    assert len(scenario.clients) == 1000
    assert all(names(client) == list(NAMES) and client.ended == "done" for client in scenario.clients)


def test_dropped_event_is_missing_from_the_log() -> None:
    scenario = delivered(Chat(script=[item for item in GOOD if item[0] != "tool_completed"]))

    assert names(scenario.clients[0]) == ["agent_started", "agent_thinking", "tool_executing", "agent_completed"]
    assert scenario.clients[0].ended == "done"


def test_run_without_its_terminal_event_ends_at_the_deadline() -> None:
    scenario = delivered(Chat(script=GOOD[:-1]), deadline_s=1.5)

    assert [(names(client), client.ended) for client in scenario.clients] == [(list(NAMES[:-1]), "deadline")] * 3


def test_events_are_recorded_in_the_order_of_arrival() -> None:
    swapped = [GOOD[0], GOOD[1], GOOD[3], GOOD[2], GOOD[4]]

    assert names(delivered(Chat(script=swapped)).clients[0]) == [name for name, _ in swapped]


def test_event_with_a_known_id_is_a_repeat() -> None:
    scenario = delivered(Chat(script=[*GOOD[:4], GOOD[3], GOOD[4], GOOD[4]]))

    events = scenario.clients[0].events
    assert [(event.name, event.is_repeat) for event in events[3:]] == [
        ("tool_completed", False),
        ("tool_completed", True),
        ("agent_completed", False),
        ("agent_completed", True),
    ]


def test_broadcast_events_are_foreign_to_other_users() -> None:
    scenario = delivered(Chat(broadcast=True), users=2, run_field="")

    alice, bob = scenario.clients
    assert {event.foreign_user for event in alice.events} == {"", "bob"}
    assert {event.foreign_user for event in bob.events} == {"", "alice"}
    assert [event.name for event in alice.events if not event.foreign_user] == list(NAMES)
    assert not any(event.is_repeat for event in (*alice.events, *bob.events))
    assert len({event.run for event in alice.events}) == 1


def test_event_with_the_ids_of_two_users_is_foreign() -> None:
    async def run(send: Send, user: str, run: str) -> None:
        other = user.replace("alice", "bob")
        await send({"type": "agent_completed", "data": {"user": user, "others": [other], "run": run}})

    scenario = delivered(Chat(run=run), users=1, deadline_s=1.5)

    assert [(event.foreign_user, event.has_canary) for event in scenario.clients[0].events] == [("bob", True)]
    assert scenario.clients[0].ended == "deadline"


def test_name_that_may_be_content_is_not_recorded() -> None:
    bodies: list[dict[str, Any]] = [
        {"type": 7},
        {"other": "agent_started"},
        {"type": "my secret is 42"},
        {"type": "not.expected:yet"},
        {"type": "agent_completed"},
    ]

    async def run(send: Send, user: str, _: str) -> None:
        for body in bodies:
            await send(body)
        await send({"type": f"to-{user}"})

    scenario = delivered(Chat(run=run), users=1)

    events = scenario.clients[0].events
    assert [event.name for event in events] == ["", "", "<text>", "not.expected:yet", "agent_completed", "<text>"]
    assert [event.has_canary for event in events] == [False] * 5 + [True]


def test_message_that_is_not_json_has_no_name() -> None:
    chat = Chat()

    async def run(send: Send, user: str, _: str) -> None:
        await chat.sockets[user].send_text("{broken")
        await chat.sockets[user].send_bytes(user.encode() + b"\xff")
        await send({"type": "agent_completed"})

    chat.run = run
    scenario = delivered(chat, users=1)

    assert [(event.name, event.has_canary) for event in scenario.clients[0].events] == [
        ("", False),
        ("", True),
        ("agent_completed", False),
    ]


def test_run_ends_after_as_many_terminal_events_as_the_contract_requires() -> None:
    twice = tuple(
        event.model_copy(update={"at_least": 2, "at_most": 2}) if event.name == NAMES[-1] else event
        for event in contract().expect
    )

    async def run(send: Send, _: str, run: str) -> None:
        for number in range(2):
            await send({"type": NAMES[-1], "data": {"run": run, "id": number}})

    scenario = delivered(Chat(run=run), expect=twice, users=1)

    assert (names(scenario.clients[0]), scenario.clients[0].ended) == ([NAMES[-1]] * 2, "done")
