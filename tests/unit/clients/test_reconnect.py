"""A user who reconnects is served on the new connection."""

from __future__ import annotations

from tests.unit.clients.served_app import (
    NAMES,
    Chat,
    Send,
    observed,
)


def test_reconnected_user_is_served_on_the_new_connection() -> None:
    (client,) = observed(Chat(), reconnect=True)["reconnect"].clients

    assert [event.name for event in client.events] == list(NAMES)
    assert (client.ended, client.sent, {event.run for event in client.events}) == ("done", 1, {0})


def test_reconnected_user_is_not_served_if_the_late_close_evicts_it() -> None:
    (client,) = observed(Chat(evicts=True), reconnect=True, deadline_s=0.5)["reconnect"].clients

    assert (client.events, client.ended, client.sent) == ((), "deadline", 1)


def test_late_events_of_the_first_run_are_ignored() -> None:
    first: dict[str, str] = {}

    async def run(send: Send, user: str, run: str) -> None:
        old = first.setdefault(user, run)
        if old != run:
            await send({"type": NAMES[-1], "data": {"user": user, "run": old, "id": 9}})
        for number, name in enumerate(NAMES):
            await send({"type": name, "data": {"user": user, "run": run, "id": number}})

    (client,) = observed(Chat(run=run), reconnect=True)["reconnect"].clients

    assert [event.name for event in client.events] == list(NAMES)
    assert client.ended == "done"
