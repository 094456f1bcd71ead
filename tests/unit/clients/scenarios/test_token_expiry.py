"""A connection ends with its token, or outlives it."""

from __future__ import annotations

from tests.unit.clients.served_app import (
    NAMES,
    Chat,
    observed,
)


def test_connection_ends_with_its_token() -> None:
    (client,) = observed(Chat(), expiry=True)["expiry"].clients

    assert (client.ended, client.close_code, client.events) == ("closed", 1008, ())


def test_connection_that_outlives_its_token_is_served() -> None:
    (client,) = observed(Chat(recheck=False), expiry=True)["expiry"].clients

    assert (client.ended, client.sent, [event.name for event in client.events]) == ("done", 1, list(NAMES))
