"""Clients with bad tokens: refused, served, or skipped because their token cannot be made."""

from __future__ import annotations

import asyncio
from typing import Any

import jwt
import pytest

from netra_contracts.protocol.control import TokenRequest
from netra_contracts.protocol.observed.clients import ScenarioName
from tests.unit.clients.served_app import (
    BAD_TOKENS,
    NAMES,
    Chat,
    Send,
    carried,
    claimless,
    decoded,
    observed,
    tokens,
)


def unverified(websocket: Any) -> dict[str, Any] | None:
    """The claims, if there is a token at all."""
    try:
        return dict(jwt.decode(carried(websocket), options={"verify_signature": False}))
    except jwt.PyJWTError:
        return None


def test_good_application_refuses_bad_tokens() -> None:
    scenarios = observed(Chat(), reject_bad_tokens=True)

    assert tuple(scenarios) == ("delivery", *BAD_TOKENS)
    for name in BAD_TOKENS:
        (client,) = scenarios[name].clients
        assert (client.ended, client.status, client.events) == ("refused", 403, ())


@pytest.mark.parametrize(
    ("accepts", "accepted"),
    [
        (lambda websocket: decoded(carried(websocket), verify_exp=False), {"expired token"}),
        (lambda websocket: decoded(carried(websocket), verify_aud=False), {"another audience"}),
        (unverified, {"expired token", "wrong signature", "alg none", "another audience"}),
        (lambda websocket: unverified(websocket) or {}, set(BAD_TOKENS)),
    ],
    ids=["expired", "audience", "signature", "anything"],
)
def test_accepted_bad_token_is_served(accepts: Any, accepted: set[ScenarioName]) -> None:
    scenarios = observed(Chat(authenticate=accepts, recheck=False), reject_bad_tokens=True, users=1)

    assert {name for name in BAD_TOKENS if scenarios[name].clients[0].ended == "done"} == accepted
    for name in accepted:
        (client,) = scenarios[name].clients
        assert client.events[0].name == NAMES[0]
        assert client.sent == 1


def test_connection_that_stays_open_without_an_event_is_not_a_refusal() -> None:
    async def silent(_: Send, __: str, ___: str) -> None:
        await asyncio.sleep(0)

    chat = Chat(authenticate=lambda websocket: unverified(websocket) or {}, recheck=False, run=silent)
    scenarios = observed(chat, reject_bad_tokens=True, users=1, deadline_s=1.5)

    assert {scenarios[name].clients[0].ended for name in BAD_TOKENS} == {"deadline"}


def test_scenarios_whose_token_cannot_be_made_are_skipped() -> None:
    scenarios = observed(Chat(), claimless, reject_bad_tokens=True, expiry=True)

    assert {name for name, scenario in scenarios.items() if scenario.skipped} == {
        "expired token",
        "another audience",
        "expiry",
    }
    assert scenarios["another audience"].skipped == (
        "the token function tests:token accepts no claims, so a token with another aud cannot be made"
    )


def test_token_that_is_not_a_jwt_is_not_forged() -> None:
    chat = Chat(authenticate=lambda websocket: {} if carried(websocket) == "opaque" else None, recheck=False)
    scenarios = observed(
        chat, lambda asked: [None if request.claims else "opaque" for request in asked], reject_bad_tokens=True, users=1
    )

    assert scenarios["no token"].clients[0].ended == "refused"
    for name in ("wrong signature", "alg none"):
        assert scenarios[name].skipped == "the token is not a JWT of three parts, so no bad token can be made from it"


def test_scenarios_are_skipped_if_the_token_lacks_its_claims() -> None:
    scenarios = observed(
        Chat(),
        lambda asked: tokens([TokenRequest(request.user_id) for request in asked]),
        reject_bad_tokens=True,
        expiry=True,
        users=1,
    )

    dropped = "the token function accepts the claim {} but does not put it into the token"
    assert scenarios["expired token"].skipped == dropped.format("exp")
    assert scenarios["another audience"].skipped == dropped.format("aud")
    assert scenarios["expiry"].skipped == dropped.format("exp")
