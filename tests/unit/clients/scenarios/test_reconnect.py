"""A user who reconnects is served on the new connection, and another user beside it."""

from __future__ import annotations

from netra_contracts.protocol.observed.clients import ReceivedEvent, Scenario
from tests.unit.clients.served_app import (
    NAMES,
    Chat,
    Send,
    observed,
)


def reconnected(chat: Chat, deadline_s: float = 2.0) -> Scenario:
    """The scenario: the client that reconnected and the other user, and the old connection as a bystander."""
    scenario = observed(chat, reconnect=True, deadline_s=deadline_s)["reconnect"]
    new, other = scenario.clients
    (old,) = scenario.bystanders
    assert old.user == new.user != other.user
    return scenario


def answers(events: tuple[ReceivedEvent, ...]) -> list[str]:
    return [event.name for event in events if event.is_answer]


def test_both_users_are_served_on_their_connections() -> None:
    for client in reconnected(Chat()).clients:
        assert answers(client.events) == list(NAMES)
        assert (client.ended, client.sent, {event.run for event in client.events}) == ("done", 1, {0})


def test_events_of_the_old_connection_are_recorded() -> None:
    (old,) = reconnected(Chat()).bystanders
    assert "agent_started" in answers(old.events)


def test_reconnected_user_is_not_served_if_the_late_close_evicts_it() -> None:
    client, other = reconnected(Chat(evicts=True), deadline_s=1.5).clients

    assert (answers(client.events), client.ended, client.sent) == ([], "deadline", 1)
    assert other.ended == "done"


def test_late_events_of_the_first_run_are_no_answers() -> None:
    first: dict[str, str] = {}

    async def run(send: Send, user: str, run: str) -> None:
        old = first.setdefault(user, run)
        if old != run:
            await send({"type": NAMES[-1], "data": {"user": user, "run": old, "id": 9}})
        for number, name in enumerate(NAMES):
            await send({"type": name, "data": {"user": user, "run": run, "id": number}})

    client = reconnected(Chat(run=run)).clients[0]

    assert answers(client.events) == list(NAMES)
    assert NAMES[-1] in [event.name for event in client.events if not event.is_answer]
    assert client.ended == "done"
