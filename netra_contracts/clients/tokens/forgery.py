"""Bad tokens made from good ones, without the key."""

from __future__ import annotations

import base64
import json
from typing import Any

from netra_contracts.clients.errors import SkippedError

_NOT_A_JWT = "the token is not a JWT of three parts, so no bad token can be made from it"


class ForgeryError(SkippedError):
    """No bad token can be made from this one."""


def wrong_signature(token: str) -> str:
    """The same token, with one bit of its signature inverted.

    Raises:
        ForgeryError: the token is not a signed JWT.
    """
    header, payload, signature = _parts(token)
    raw = bytearray(_decoded(signature))
    if not raw:
        raise ForgeryError("the token has no signature that could be falsified")
    raw[0] ^= 1  # not in the last byte: its last bits may be padding, which decoders ignore
    return f"{header}.{payload}.{_encoded(bytes(raw))}"


def alg_none(token: str) -> str:
    """The same claims, with a header that declares the token unsigned.

    Raises:
        ForgeryError: the token is not a JWT.
    """
    _, payload, _ = _parts(token)
    return f"{_encoded(json.dumps({'alg': 'none', 'typ': 'JWT'}).encode())}.{payload}."


def claims(token: str) -> dict[str, Any] | None:
    """The claims of the token, unverified; None if it is not a JWT."""
    try:
        loaded = json.loads(_decoded(_parts(token)[1]))
    except (ForgeryError, ValueError):
        return None
    return loaded if isinstance(loaded, dict) else None


def _parts(token: str) -> list[str]:
    parts = token.split(".")
    if len(parts) == 3:
        try:
            if isinstance(json.loads(_decoded(parts[0])), dict):
                return parts
        except ValueError:
            pass
    raise ForgeryError(_NOT_A_JWT)


def _decoded(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise ForgeryError(_NOT_A_JWT) from None


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
