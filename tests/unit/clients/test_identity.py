"""What a client sends for its user: in the handshake and in messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from netra_contracts.clients.identity import HandshakeError, Identity
from netra_contracts.clients.synthetic_users import ClientUser
from tests.unit.clients.served_app import contract

ALICE = ClientUser("alice", "alice-1")


def test_placeholders_become_user_and_token() -> None:
    alice = Identity(ALICE, "t")
    assert alice.fill("{user} {canary} {token}") == "alice-1 alice-1 t"
    assert Identity(ALICE).fill("[{token}]") == "[]"
    assert alice.path(contract(path="/ws/{user}?t={token}")) == "/ws/alice-1?t=t"


def test_token_is_escaped_within_json() -> None:
    quoting = Identity(ALICE, 'a"b')
    assert json.loads(quoting.fill('{"token": "{token}"}')) == {"token": 'a"b'}
    assert quoting.fill("AUTH {token}") == 'AUTH a"b'


def test_handshake_has_texts_and_values_of_functions() -> None:
    terms = contract(headers={"X-A": "{user}", "X-B": "{token}"}, cookies={"c": "{token}"}, subprotocols=("v1",))
    alice = Identity(ALICE, "t", {"headers.X-K": "k", "cookies": {"session": "s"}, "origin": "https://a.org"})
    headers = [("X-A", "alice-1"), ("X-B", "t"), ("X-K", "k"), ("Cookie", "c=t; session=s")]
    assert alice.headers(terms) == headers
    assert (alice.origin(terms), alice.subprotocols(terms)) == ("https://a.org", ["v1"])


def test_client_without_a_token_leaves_out_what_carries_it() -> None:
    terms = contract(headers={"X-A": "a", "X-B": "{token}"}, cookies={"c": "{token}"}, subprotocols=("{token}", "v1"))
    nobody = Identity(ALICE)
    assert nobody.headers(terms) == [("X-A", "a")]
    assert nobody.subprotocols(terms) == ["v1"]


@pytest.mark.parametrize(
    "values", [{"headers": "x"}, {"cookies": ["x"]}, {"headers.X": ["x"]}, {"headers.X": "a\r\nb: c"}]
)
def test_value_that_cannot_be_sent_is_an_error_without_the_value(values: dict[str, Any]) -> None:
    with pytest.raises(HandshakeError, match=r"the function of (headers|cookies)") as raised:
        Identity(ALICE, "t", values).headers(contract())
    assert "a\r\nb" not in str(raised.value)


def test_subprotocols_of_a_function_must_be_texts() -> None:
    assert Identity(ALICE, None, {"subprotocols": ["a", "b"]}).subprotocols(contract()) == ["a", "b"]
    with pytest.raises(HandshakeError, match="did not return a list of texts"):
        Identity(ALICE, None, {"subprotocols": {"a": "b"}}).subprotocols(contract())
