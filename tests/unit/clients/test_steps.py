"""Clients go through the steps of a contract before its message."""

from __future__ import annotations

from netra_contracts.contracts.model import ClientStep
from netra_contracts.protocol.observed.clients import ClientLog
from tests.unit.clients.served_app import NAMES, Chat, delivered

HELLO = '{"type": "hello"}'


def served(*steps: ClientStep, deadline_s: float = 2.0) -> ClientLog:
    """The log of one client; the application answers each message with a whole run."""
    return delivered(Chat(), users=1, steps=steps, deadline_s=deadline_s).clients[0]


def test_events_of_steps_are_no_answers() -> None:
    client = served(ClientStep(send=HELLO), ClientStep(expect=(NAMES[-1],)))

    assert [event.is_answer for event in client.events] == [False] * 5 + [True] * 5
    assert (client.ended, client.sent, client.failed_step) == ("done", 1, 0)


def test_step_waits_for_events_after_those_of_the_step_before() -> None:
    twice = (ClientStep(send=HELLO), ClientStep(expect=(NAMES[-1],)), ClientStep(expect=(NAMES[-1],)))
    client = served(*twice, deadline_s=1.5)

    assert (client.ended, client.sent, client.failed_step) == ("deadline", 0, 3)
    assert served(ClientStep(send=HELLO), *twice).failed_step == 0


def test_step_with_several_events_waits_for_all_of_them_in_any_order() -> None:
    assert served(ClientStep(send=HELLO), ClientStep(expect=(NAMES[2], NAMES[0]))).failed_step == 0
    assert served(ClientStep(send=HELLO), ClientStep(expect=(NAMES[0], "other")), deadline_s=1.5).failed_step == 2


def test_without_a_message_an_empty_one_is_sent() -> None:
    (client,) = delivered(Chat(), users=1, send=None).clients

    assert (client.sent, client.ended, len(client.events)) == (1, "done", 5)


def test_without_a_message_connecting_starts_a_run_that_the_server_begins() -> None:
    (client,) = delivered(Chat(pushes=True), users=1, send=None).clients

    assert (client.sent, client.ended, [event.is_answer for event in client.events]) == (1, "done", [True] * 5)
