"""Where tokens and other values of users come from. Clients use them; no result and no message contains one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from netra_contracts.clients.errors import TokenError
from netra_contracts.clients.synthetic_users import UserPool
from netra_contracts.clients.target_calls import TargetCalls
from netra_contracts.clients.tokens import forgery
from netra_contracts.protocol.control import Sending, TokenRequest
from netra_contracts.protocol.masking import mask, spellings

#: Shorter texts occur in tokens by chance.
_MIN_PART = 8


class Tokens:
    """Asks the target's process, one call at a time, and knows every token in use.

    Args:
        host: what the target's process answers.
        users: whose ids are replaced in messages.
        function: the name of the target's token function, for messages.
    """

    def __init__(self, host: TargetCalls, users: UserPool, function: str = "") -> None:
        self._host = host
        self._users = users
        self._title = f"the token function {function}".rstrip()
        self._one_at_a_time = asyncio.Lock()
        self._known: set[str] = set()
        self._joined = ""

    async def good(self, user_ids: Sequence[str]) -> list[str]:
        """A token for each user, without further claims.

        Raises:
            TokenError: the source fails, or gives fewer tokens.
        """
        tokens = [token for token in await self._fetch([TokenRequest(user) for user in user_ids]) if token]
        if len(tokens) < len(user_ids):
            raise TokenError(f"{self._title} failed: it returned no token")
        return tokens

    async def with_claims(self, user_id: str, claims: dict[str, Any]) -> str:
        """A token with further claims.

        Raises:
            TokenError: the source fails or accepts no claims, or the token does not contain these claims: a JWT says
                so, and a token of another form if it is the one that the user gets without them.
        """
        token = (await self._fetch([TokenRequest(user_id, claims)]))[0]
        if not token:
            names = ", ".join(claims)
            raise TokenError(f"{self._title} accepts no claims, so a token with another {names} cannot be made")
        actual = forgery.claims(token)
        if actual is None and token == (await self._fetch([TokenRequest(user_id)]))[0]:
            actual = {}
        for name, value in claims.items():
            if actual is not None and actual.get(name) not in (value, [value]):
                raise TokenError(f"the token function accepts the claim {name} but does not put it into the token")
        return token

    async def values(self, function: str, user_ids: Sequence[str]) -> Sequence[Any]:
        """What a function of the contract gives for each user.

        Raises:
            TokenError: it fails.
        """
        if self._host.values is None:
            raise TokenError(f"the function {function} cannot be called")
        async with self._one_at_a_time:
            try:
                values = list(await asyncio.to_thread(self._host.values, function, user_ids))
            except Exception as error:  # noqa: BLE001 - the target's function may raise anything
                message = self._without_values(str(error)) or type(error).__name__
            else:
                self.keep(text for value in values for text in secrets_in(value))
                return values
        # See `_fetch`.
        raise TokenError(f"the function {function} failed: {message}")

    async def sending(self) -> Sending | None:
        """What the application sends; None: this cannot be known."""
        if self._host.sending is None:
            return None
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._host.sending)

    def keep(self, tokens: Iterable[str | None]) -> None:
        """Remember tokens in use, to recognize them."""
        self._known.update(token for token in tokens if token)
        self._joined = "\n".join(self._known)

    def contains_token(self, text: str) -> bool:
        """Whether a short text is or contains a token, or is a part of one that does not occur by chance."""
        return (len(text) >= _MIN_PART and text in self._joined) or any(token in text for token in self._known)

    async def _fetch(self, requests: Sequence[TokenRequest]) -> list[str | None]:
        """One answer for each request; None if the function accepts no claims.

        Raises:
            TokenError: the source fails, or gives another number of tokens.
        """
        async with self._one_at_a_time:
            try:
                answers = list(await asyncio.to_thread(self._host.tokens, requests))
            except Exception as error:  # noqa: BLE001 - the target's function may raise anything
                message = self._without_values(str(error)) or type(error).__name__
            else:
                self.keep(answers)
                if len(answers) == len(requests):
                    return answers
                message = f"it returned {len(answers)} tokens for {len(requests)} users"
        # Not raised while the original exception is handled: its text, which may contain tokens, would be its context.
        raise TokenError(f"{self._title} failed: {message}")

    def _without_values(self, text: str) -> str:
        return self._users.without_ids(mask(text, spellings(self._known)))


def secrets_in(value: Any) -> Iterator[str]:
    """The texts in what a function of the contract gave that are long enough to be recognized."""
    if isinstance(value, str):
        yield from [value] if len(value) >= _MIN_PART else []
    elif isinstance(value, (list, dict)):
        members = value.values() if isinstance(value, dict) else value
        yield from (text for member in members for text in secrets_in(member))
