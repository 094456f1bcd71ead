"""Clients whose tokens must be refused: what they get."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from time import perf_counter
from typing import Any

from netra_contracts.clients import token_forgery
from netra_contracts.clients.session import ScenarioSession, closing, ms_since
from netra_contracts.clients.synthetic_users import ClientUser
from netra_contracts.clients.token_forgery import ForgeryError
from netra_contracts.clients.tokens import TokenError
from netra_contracts.protocol.clients import Scenario, ScenarioName

#: The scenarios, in order.
KINDS: tuple[ScenarioName, ...] = ("no token", "expired token", "wrong signature", "alg none", "another audience")

#: How long a socket that was not refused is watched, in seconds.
WATCHED_S = 2.0

#: The audience of a token that is meant for somebody else.
AUDIENCE = "another-audience"

_FORGERS = {"wrong signature": token_forgery.wrong_signature, "alg none": token_forgery.alg_none}


async def bad_tokens(session: ScenarioSession, users: Mapping[ScenarioName, ClientUser]) -> list[Scenario]:
    """One client for each kind of bad token, all at once."""
    if not session.contract.token:
        return [Scenario(kind, skipped="no token function is configured") for kind in KINDS]
    forged = await _forged(session, users)
    return list(await asyncio.gather(*(_attempt(session, kind, users[kind], forged.get(kind)) for kind in KINDS)))


async def token_with_claims(session: ScenarioSession, user: ClientUser, claims: Mapping[str, Any]) -> str:
    """A token with these claims.

    Raises:
        TokenError: there is none, or it is a JWT that says otherwise.
    """
    token = await session.tokens.with_claims(user.id, claims)
    said = token_forgery.claims(token)
    for name, value in claims.items():
        if said is not None and said.get(name) not in (value, [value]):
            raise TokenError(f"the token function takes the claim {name} but does not put it into the token")
    return token


async def _forged(
    session: ScenarioSession, users: Mapping[ScenarioName, ClientUser]
) -> dict[ScenarioName, str | TokenError]:
    """The bad tokens, or why there are none.

    Those with claims are fetched one by one: a function may take one claim and refuse another.
    """
    forged: dict[ScenarioName, str | TokenError] = {}
    kinds = [kind for kind in KINDS if kind in _FORGERS]
    try:
        good = await session.tokens.good([users[kind].id for kind in kinds])
    except TokenError as error:
        forged.update(dict.fromkeys(kinds, error))
    else:
        for kind, token in zip(kinds, good, strict=True):
            try:
                forged[kind] = _FORGERS[kind](token)
            except ForgeryError as error:
                forged[kind] = TokenError(str(error))
    now = int(time.time())
    asked: dict[ScenarioName, Mapping[str, Any]] = {
        "expired token": {"exp": now - 3600, "iat": now - 7200},
        "another audience": {"aud": AUDIENCE},
    }
    for kind, claims in asked.items():
        try:
            forged[kind] = await token_with_claims(session, users[kind], claims)
        except TokenError as error:
            forged[kind] = error
    session.tokens.keep(token for token in forged.values() if isinstance(token, str))
    return forged


async def _attempt(
    session: ScenarioSession, kind: ScenarioName, user: ClientUser, token: str | TokenError | None
) -> Scenario:
    if isinstance(token, TokenError):
        return Scenario(kind, skipped=str(token))
    began = perf_counter()
    client = session.client(user, token)
    async with closing([client]):
        await client.open()
        await client.send()
        await client.wait(lambda: client.answers > 0, min(WATCHED_S, session.contract.deadline_s))
        seen = client.record()
    return Scenario(kind, (seen,), ms=ms_since(began))
