"""Authentication: bearer tokens, verified before a socket is accepted."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

import jwt
from starlette.websockets import WebSocket

ALGORITHM = "HS256"
AUDIENCE = ISSUER = "netra-reference"
LIFETIME_S = 300
#: Browsers offer this subprotocol followed by a token, since they cannot set the Authorization header.
SUBPROTOCOL = "bearer"

#: Generated when the process starts and never stored: tokens of another process are not valid here.
_KEY = secrets.token_bytes(32)


class InvalidTokenError(Exception):
    """The token is missing or not valid."""


@dataclass(frozen=True)
class Identity:
    """The claims of a verified token.

    Args:
        user_id: the user it was issued to.
        expires_at: when it expires, in seconds since the epoch.
    """

    user_id: str
    expires_at: float


class TokenVerifier:
    """Issues and verifies tokens.

    Args:
        key: the signing key; default: that of this process.
    """

    def __init__(self, key: bytes = _KEY) -> None:
        self._key = key

    def issue(self, user_id: str, **claims: Any) -> str:
        """Return a token for a user. `claims` replace the default ones (`exp`, `aud`, ...)."""
        expires_at = int(time.time()) + LIFETIME_S
        return jwt.encode(
            {"sub": user_id, "exp": expires_at, "aud": AUDIENCE, "iss": ISSUER, **claims}, self._key, ALGORITHM
        )

    def verify(self, token: str | None) -> Identity:
        """Verify signature, expiry, audience and issuer.

        Raises:
            InvalidTokenError: if the token is None, or one of these is missing or wrong.
        """
        if token is None:
            raise InvalidTokenError("there is no token")
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": ["exp", "aud", "iss", "sub"]},
            )
        except jwt.InvalidTokenError as error:
            raise InvalidTokenError(str(error)) from error
        user_id = claims["sub"]
        if not isinstance(user_id, str) or not user_id.strip():
            raise InvalidTokenError("the token names no user")
        return Identity(user_id, expires_at=int(claims["exp"]))


def token_for(user_id: str, **claims: Any) -> str:
    """Return a token that the application in this process accepts, unless `claims` make it invalid."""
    return TokenVerifier().issue(user_id, **claims)


def bearer_token(websocket: WebSocket) -> str | None:
    """Return the token from the Authorization header, the subprotocols `bearer, <token>` or the query."""
    scheme, _, token = websocket.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    match websocket.scope["subprotocols"]:
        case [protocol, token] if protocol == SUBPROTOCOL:
            return str(token)
    return websocket.query_params.get("token")
