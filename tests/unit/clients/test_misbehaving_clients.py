"""What is told of clients that do not behave, and of applications that cannot bear them."""

from __future__ import annotations

import asyncio
from typing import Any

import jwt
import pytest

from netra_contracts.clients import TokenSource, observe
from netra_contracts.protocol.clients import Scenario, ScenarioName
from netra_contracts.protocol.control import TokenRequest
from tests.unit.clients.served_app import NAMES, Chat, Send, carried, claimless, contract, decoded, served, tokens

BAD: tuple[ScenarioName, ...] = ("no token", "expired token", "wrong signature", "alg none", "another audience")


def seen(chat: Chat, source: TokenSource = tokens, **terms: Any) -> dict[ScenarioName, Scenario]:
    with served(chat) as port:
        live = observe(port, contract(**terms), source)
    assert live.skipped == ""
    return {scenario.name: scenario for scenario in live.scenarios}


def unverified(websocket: Any) -> dict[str, Any] | None:
    """The claims, if there is a token at all."""
    try:
        return dict(jwt.decode(carried(websocket), options={"verify_signature": False}))
    except jwt.PyJWTError:
        return None


def test_bad_tokens_are_refused_by_a_good_application() -> None:
    scenarios = seen(Chat(), reject_bad_tokens=True)

    assert tuple(scenarios) == ("delivery", *BAD)
    for name in BAD:
        (client,) = scenarios[name].clients
        assert (client.ended, client.status, client.events) == ("refused", 403, ())


@pytest.mark.parametrize(
    ("accepts", "accepted"),
    [
        (lambda websocket: decoded(carried(websocket), verify_exp=False), {"expired token"}),
        (lambda websocket: decoded(carried(websocket), verify_aud=False), {"another audience"}),
        (unverified, {"expired token", "wrong signature", "alg none", "another audience"}),
        (lambda websocket: unverified(websocket) or {}, set(BAD)),
    ],
    ids=["expired", "audience", "signature", "anything"],
)
def test_a_bad_token_that_is_accepted_is_served(accepts: Any, accepted: set[ScenarioName]) -> None:
    scenarios = seen(Chat(authenticate=accepts, recheck=False), reject_bad_tokens=True, users=1)

    assert {name for name in BAD if scenarios[name].clients[0].ended == "done"} == accepted
    for name in accepted:
        (client,) = scenarios[name].clients
        assert client.events[0].name == NAMES[0]
        assert client.sent == 1


def test_a_socket_that_stays_open_without_an_event_is_no_refusal() -> None:
    async def silent(_: Send, __: str, ___: str) -> None:
        await asyncio.sleep(0)

    chat = Chat(authenticate=lambda websocket: unverified(websocket) or {}, recheck=False, run=silent)
    scenarios = seen(chat, reject_bad_tokens=True, users=1, deadline_s=0.3)

    assert {scenarios[name].clients[0].ended for name in BAD} == {"deadline"}


def test_tokens_that_cannot_be_made_are_not_tried() -> None:
    scenarios = seen(Chat(), claimless, reject_bad_tokens=True, expiry=True)

    assert {name for name, scenario in scenarios.items() if scenario.skipped} == {
        "expired token",
        "another audience",
        "expiry",
    }
    assert scenarios["another audience"].skipped == (
        "the token function tests:token accepts no claims, so a token with another aud cannot be made"
    )


def test_a_token_that_is_no_jwt_cannot_be_forged() -> None:
    chat = Chat(authenticate=lambda websocket: {} if carried(websocket) == "opaque" else None, recheck=False)
    scenarios = seen(
        chat, lambda asked: [None if request.claims else "opaque" for request in asked], reject_bad_tokens=True, users=1
    )

    assert scenarios["no token"].clients[0].ended == "refused"
    for name in ("wrong signature", "alg none"):
        assert scenarios[name].skipped == "the token is not a JWT of three parts, so no bad token can be made from it"


def test_a_function_that_drops_claims_makes_no_bad_token() -> None:
    scenarios = seen(
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


def test_others_are_served_beside_a_slow_reader() -> None:
    scenario = seen(Chat(padding=2000), slow_reader=True, users=7, deadline_s=5.0)["slow reader"]

    assert [(len(client.events), client.ended) for client in scenario.clients] == [(5, "done")] * 5


def test_one_lock_for_all_stalls_the_others_behind_a_slow_reader() -> None:
    scenario = seen(Chat(one_lock=True, padding=2000), slow_reader=True, users=2, deadline_s=1.0)["slow reader"]

    assert [(client.events, client.ended) for client in scenario.clients] == [((), "deadline")] * 2


def test_who_reconnects_is_served_on_the_new_connection() -> None:
    (client,) = seen(Chat(), reconnect=True)["reconnect"].clients

    assert [event.name for event in client.events] == list(NAMES)
    assert (client.ended, client.sent, {event.run for event in client.events}) == ("done", 1, {0})


def test_who_reconnects_is_not_served_when_the_late_close_evicts_it() -> None:
    (client,) = seen(Chat(evicts=True), reconnect=True, deadline_s=0.5)["reconnect"].clients

    assert (client.events, client.ended, client.sent) == ((), "deadline", 1)


def test_what_trickles_in_of_the_old_run_does_not_count() -> None:
    first: dict[str, str] = {}

    async def run(send: Send, user: str, run: str) -> None:
        old = first.setdefault(user, run)
        if old != run:
            await send({"type": NAMES[-1], "data": {"user": user, "run": old, "id": 9}})
        for number, name in enumerate(NAMES):
            await send({"type": name, "data": {"user": user, "run": run, "id": number}})

    (client,) = seen(Chat(run=run), reconnect=True)["reconnect"].clients

    assert [event.name for event in client.events] == list(NAMES)
    assert client.ended == "done"


def test_a_connection_ends_with_its_token() -> None:
    (client,) = seen(Chat(), expiry=True)["expiry"].clients

    assert (client.ended, client.close_code, client.events) == ("closed", 1008, ())


def test_a_connection_that_outlives_its_token_is_served() -> None:
    (client,) = seen(Chat(recheck=False), expiry=True)["expiry"].clients

    assert (client.ended, client.sent, [event.name for event in client.events]) == ("done", 1, list(NAMES))


def test_no_user_has_two_scenarios() -> None:
    scenarios = seen(
        Chat(recheck=False), reject_bad_tokens=True, slow_reader=True, reconnect=True, expiry=True, burst=2
    )

    users = [client.user for scenario in scenarios.values() for client in scenario.clients]
    assert len(users) == len(set(users)) == 3 + 5 + 3 + 1 + 1 + 1
    assert tuple(scenarios) == ("delivery", *BAD, "slow reader", "reconnect", "expiry", "burst")
