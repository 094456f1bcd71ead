"""Tokens: a valid one is accepted, every other one is refused."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable

import jwt
import pytest
from starlette.websockets import WebSocket

from netra_contracts.reference.auth import InvalidTokenError, TokenVerifier, bearer_token, token_for

KEY = b"k" * 32


def unsigned() -> str:
    """A token of `alg: none` with valid claims."""
    return jwt.encode(
        {"sub": "ada", "exp": int(time.time()) + 60, "aud": "netra-reference", "iss": "netra-reference"},
        None,
        algorithm="none",
    )


def forged() -> str:
    """A token whose claims were changed after it was signed."""
    header, _, signature = token_for("ada").split(".")
    claims = {"sub": "bob", "exp": int(time.time()) + 60, "aud": "netra-reference", "iss": "netra-reference"}
    return ".".join([header, base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("="), signature])


def without(claim: str) -> str:
    """A token of this process's key that lacks a claim."""
    claims = jwt.decode(token_for("ada"), options={"verify_signature": False})
    del claims[claim]
    return jwt.encode(claims, TokenVerifier()._key, "HS256")


BAD_TOKENS: dict[str, Callable[[], str]] = {
    "expired": lambda: token_for("ada", exp=int(time.time()) - 1),
    "wrong signature": lambda: TokenVerifier(KEY).issue("ada"),
    "alg none": unsigned,
    "forged": forged,
    "other audience": lambda: token_for("ada", aud="another"),
    "other issuer": lambda: token_for("ada", iss="another"),
    "no user": lambda: token_for(" "),
    "no exp": lambda: without("exp"),
    "no aud": lambda: without("aud"),
    "no iss": lambda: without("iss"),
    "no sub": lambda: without("sub"),
    "not a token": lambda: "ada",
    "empty": lambda: "",
}


def test_token_of_this_process_has_user_and_expiry() -> None:
    expires_at = int(time.time()) + 17
    identity = TokenVerifier().verify(token_for("ada", exp=expires_at))
    assert (identity.user_id, identity.expires_at) == ("ada", expires_at)


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_bad_token_is_refused(kind: str) -> None:
    with pytest.raises(InvalidTokenError):
        TokenVerifier().verify(BAD_TOKENS[kind]())


def test_missing_token_is_refused() -> None:
    with pytest.raises(InvalidTokenError, match="no token"):
        TokenVerifier().verify(None)


def asking(headers: dict[str, str], subprotocols: list[str], query: str) -> WebSocket:
    """A WebSocket with this handshake."""
    scope = {
        "type": "websocket",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "subprotocols": subprotocols,
        "query_string": query.encode(),
    }

    async def unused(*_: object) -> None:
        raise NotImplementedError

    return WebSocket(scope, unused, unused)  # type: ignore[arg-type]  # nothing is received from it


@pytest.mark.parametrize(
    ("headers", "subprotocols", "query", "expected"),
    [
        ({"authorization": "Bearer abc"}, [], "", "abc"),
        ({"authorization": "bearer  abc "}, ["bearer", "other"], "token=other", "abc"),
        ({}, ["bearer", "abc"], "token=other", "abc"),
        ({}, ["chat"], "token=abc", "abc"),
        ({"authorization": "Basic abc"}, ["bearer"], "", None),
        ({"authorization": "Bearer"}, [], "", None),
        ({}, [], "", None),
    ],
)
def test_token_is_read_from_header_subprotocols_or_query(
    headers: dict[str, str], subprotocols: list[str], query: str, expected: str | None
) -> None:
    assert bearer_token(asking(headers, subprotocols, query)) == expected
