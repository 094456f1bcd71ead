"""Tokens come from the target's function; messages contain no tokens and no ids."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from netra_contracts.clients.errors import TokenError
from netra_contracts.clients.synthetic_users import UserPool
from netra_contracts.clients.target_calls import TargetCalls
from netra_contracts.clients.tokens.source import Tokens
from netra_contracts.protocol.control import TokenRequest

OPAQUE = "0123456789abcdef"


def opaque(requests: Sequence[TokenRequest]) -> list[str | None]:
    return [OPAQUE for _ in requests]


def test_known_tokens_and_their_longer_parts_are_recognized() -> None:
    tokens = Tokens(TargetCalls(opaque), UserPool())
    asyncio.run(tokens.good(["alice-1"]))

    assert tokens.contains_token(f"x{OPAQUE}x")
    assert tokens.contains_token(OPAQUE[3:11])
    assert not tokens.contains_token(OPAQUE[:4])


def test_wrong_number_of_tokens_is_an_error() -> None:
    with pytest.raises(TokenError, match="main:token failed: it returned 0 tokens for 1 users"):
        asyncio.run(Tokens(TargetCalls(lambda _: []), UserPool(), "main:token").good(["alice-1"]))


def test_exception_of_the_function_is_reported_without_values() -> None:
    users = UserPool()
    (alice,) = users.new_users()

    def fail(requests: Sequence[TokenRequest]) -> list[str | None]:
        raise LookupError(f"{requests[0].user_id} has {OPAQUE}")

    tokens = Tokens(TargetCalls(fail), users)
    tokens.keep([OPAQUE])
    with pytest.raises(TokenError, match=r"failed: alice has \*\*\*$") as raised:
        asyncio.run(tokens.good([alice.id]))
    assert raised.value.__context__ is None


def test_function_that_accepts_no_claims_cannot_make_an_expired_token() -> None:
    tokens = Tokens(TargetCalls(lambda requests: [None for _ in requests]), UserPool())
    with pytest.raises(TokenError, match="accepts no claims"):
        asyncio.run(tokens.with_claims("alice-1", {"exp": 1}))


def test_opaque_token_that_claims_change_is_assumed_to_carry_them() -> None:
    def with_expiry(requests: Sequence[TokenRequest]) -> list[str | None]:
        return [f"{OPAQUE}.{(request.claims or {}).get('exp', 'never')}" for request in requests]

    assert asyncio.run(Tokens(TargetCalls(with_expiry), UserPool()).with_claims("alice-1", {"exp": 1})) == f"{OPAQUE}.1"


def test_opaque_token_that_claims_do_not_change_cannot_be_an_expired_token() -> None:
    with pytest.raises(TokenError, match="accepts the claim exp but does not put it into the token"):
        asyncio.run(Tokens(TargetCalls(opaque), UserPool()).with_claims("alice-1", {"exp": 1}))
