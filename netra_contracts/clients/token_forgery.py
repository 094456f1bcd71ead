"""Bad tokens made from good ones, without the key."""

from __future__ import annotations

import base64
import json
from typing import Any


class ForgeryError(Exception):
    """Nothing can be made from this token. The message is a sentence without values."""


def wrong_signature(token: str) -> str:
    """The same token, with one bit of its signature turned.

    Raises:
        ForgeryError: the token is no signed JWT.
    """
    header, payload, signature = _parts(token)
    raw = bytearray(_decoded(signature))
    if not raw:
        raise ForgeryError("the token carries no signature that could be made wrong")
    raw[0] ^= 1  # A whole byte's bit: the last character's may be padding that decoders ignore.
    return f"{header}.{payload}.{_encoded(bytes(raw))}"


def alg_none(token: str) -> str:
    """The same claims, with a header that says that nothing is signed.

    Raises:
        ForgeryError: the token is no JWT.
    """
    _, payload, _ = _parts(token)
    return f"{_encoded(json.dumps({'alg': 'none', 'typ': 'JWT'}).encode())}.{payload}."


def claims(token: str) -> dict[str, Any] | None:
    """What the token says, unverified; None if it is no JWT."""
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
    raise ForgeryError("the token is no JWT of three parts, so that no bad one can be made from it")


def _decoded(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise ForgeryError("the token is no JWT of three parts, so that no bad one can be made from it") from None


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
