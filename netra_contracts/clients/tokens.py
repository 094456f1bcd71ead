"""Where tokens come from. They are used and never told: no record and no message holds one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from netra_contracts.clients.synthetic_users import UserPool
from netra_contracts.protocol.control import TokenRequest
from netra_contracts.protocol.masking import mask, spellings

#: Blocks. None for a token that cannot be made because the function takes no claims; may raise with a message.
TokenSource = Callable[[Sequence[TokenRequest]], Sequence[str | None]]

#: Shorter texts than this are in a token by chance.
_TELLING = 8


class TokenError(Exception):
    """No token could be had. The message is a sentence without values."""


class Tokens:
    """Asks a `TokenSource`, one call at a time, and knows every token that is in use.

    Raises:
        TokenError: by `fetch`, when the source raises or gives nothing where no claims were asked for.
    """

    def __init__(self, source: TokenSource, users: UserPool, function: str = "") -> None:
        self._source = source
        self._users = users
        self._title = f"the token function {function}".rstrip()
        self._one_at_a_time = asyncio.Lock()
        self._known: set[str] = set()
        self._joined = ""

    async def fetch(self, requests: Sequence[TokenRequest]) -> list[str | None]:
        """One answer for each request; None where the function takes no claims."""
        async with self._one_at_a_time:
            try:
                answers = list(await asyncio.to_thread(self._source, requests))
            except Exception as error:  # noqa: BLE001 - whatever the target's function raised is told, without values
                message = self._without_values(str(error)) or type(error).__name__
            else:
                self.keep(answers)
                if len(answers) == len(requests):
                    return answers
                message = f"it gave {len(answers)} tokens for {len(requests)} users"
        # Raised here, and not while the original is handled: that one's text may hold what must not be told.
        raise TokenError(f"{self._title} failed: {message}")

    async def good(self, user_ids: Sequence[str]) -> list[str]:
        """A token for each user, without extra claims."""
        tokens = [token for token in await self.fetch([TokenRequest(user) for user in user_ids]) if token]
        if len(tokens) < len(user_ids):
            raise TokenError(f"{self._title} failed: it gave no token")
        return tokens

    async def with_claims(self, user_id: str, claims: Mapping[str, Any]) -> str:
        """A token with extra claims."""
        token = (await self.fetch([TokenRequest(user_id, dict(claims))]))[0]
        if not token:
            names = ", ".join(claims)
            raise TokenError(f"{self._title} takes no claims, so that a token with its own {names} cannot be made")
        return token

    def keep(self, tokens: Iterable[str | None]) -> None:
        """Remember tokens that are used, so that they can be recognised."""
        self._known.update(token for token in tokens if token)
        self._joined = "\n".join(self._known)

    def told_by(self, text: str) -> bool:
        """Whether a short `text` is a token, holds one, or is a telling part of one."""
        return (len(text) >= _TELLING and text in self._joined) or any(token in text for token in self._known)

    def _without_values(self, text: str) -> str:
        return self._users.without_ids(mask(text, spellings(self._known)))
