"""Made-up users, forged tokens, and what is read of a message."""

from __future__ import annotations

import base64
import json

import jwt
import pytest

from netra_contracts.clients import token_forgery
from netra_contracts.clients.event_parser import EventParser, EventReader
from netra_contracts.clients.synthetic_users import UserPool
from netra_contracts.clients.token_forgery import ForgeryError
from tests.unit.clients.served_app import KEY, contract


def test_each_user_is_handed_out_once_and_told_apart() -> None:
    users = UserPool()
    labels = [user.label for user in users.take(12) + users.take(3)]

    assert labels[:2] == ["alice", "bob"]
    assert labels[-3:] == ["user-13", "user-14", "user-15"]


def test_ids_are_found_in_any_text_in_order() -> None:
    users = UserPool()
    alice, *_, thirteenth = users.take(13)

    assert users.found_in(f"x{thirteenth.id}/run-{alice.id.upper()}{alice.id}.") == ["user-13", "alice", "alice"]
    assert users.found_in("alice-00000000 alice") == []
    assert users.found_in(alice.id.removeprefix("alice")) == []
    assert users.without_ids(f"no {alice.id}, no {thirteenth.id}") == "no alice, no user-13"


def test_two_observations_have_different_ids() -> None:
    assert UserPool().take()[0].id != UserPool().take()[0].id


@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
def test_a_wrong_signature_differs_in_its_bytes_alone(algorithm: str) -> None:
    good = jwt.encode({"sub": "a"}, KEY * 2, algorithm=algorithm)
    bad = token_forgery.wrong_signature(good)

    assert bad.rpartition(".")[0] == good.rpartition(".")[0]
    signatures = [base64.urlsafe_b64decode(token.rpartition(".")[2] + "==") for token in (good, bad)]
    assert len(signatures[0]) == len(signatures[1])
    assert signatures[0] != signatures[1]
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(bad, KEY * 2, algorithms=[algorithm])


def test_alg_none_is_a_token_that_a_careless_verifier_takes() -> None:
    forged = token_forgery.alg_none(jwt.encode({"sub": "a"}, KEY, algorithm="HS256"))

    assert jwt.get_unverified_header(forged) == {"alg": "none", "typ": "JWT"}
    assert jwt.decode(forged, options={"verify_signature": False}) == {"sub": "a"}
    assert forged.endswith(".")


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.b.c", "!.!.!", "MTI.e30.c2ln", "a.b.c.d.e", "\u00e9.b.c"])
def test_what_is_no_jwt_cannot_be_forged(token: str) -> None:
    for forge in (token_forgery.wrong_signature, token_forgery.alg_none):
        with pytest.raises(ForgeryError):
            forge(token)
    assert token_forgery.claims(token) is None


def test_an_unsigned_token_has_no_signature_to_be_made_wrong() -> None:
    with pytest.raises(ForgeryError, match="carries no signature"):
        token_forgery.wrong_signature(jwt.encode({"sub": "a"}, None, algorithm="none"))


def read(*bodies: object, **terms: str) -> list[tuple[str, int, bool]]:
    """Name, run and repetition of messages, as JSON, read one after the other."""
    users = UserPool()
    messages = EventReader(EventParser(contract(**terms), users, lambda _: False), "alice")
    events = [messages.event(json.dumps(body), 1.0) for body in bodies]
    return [(event.name, event.run, event.is_repeat) for event in events if event]


def test_paths_lead_into_objects_and_nowhere_else() -> None:
    assert read({"a": {"b": "agent_started"}}, {"a": ["b"]}, {"a": "b"}, [], 3, None, event_field="a.b") == [
        ("agent_started", 0, False),
        *[("", 0, False)] * 5,
    ]


def test_runs_are_counted_by_first_appearance_and_ids_within_them() -> None:
    bodies = [{"run": run, "id": number} for run, number in [("x", 1), (7, 1), ("7", 1), ("x", 2), (7, 1), ("x", [2])]]

    assert [item[1:] for item in read(*bodies, run_field="run", id_field="id")] == [
        (0, False),
        (1, False),
        (2, False),
        (0, False),
        (1, True),
        (0, False),
    ]


def test_without_fields_for_run_and_id_all_is_one_run_and_nothing_repeats() -> None:
    assert read({"id": 1}, {"id": 1}, run_field="", id_field="") == [("", 0, False)] * 2


def test_text_nested_too_deeply_has_no_name() -> None:
    messages = EventReader(EventParser(contract(), UserPool(), lambda _: False), "alice")

    event = messages.event("[" * 200_000, 1.0)

    assert event is not None
    assert event.name == ""
