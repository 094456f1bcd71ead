"""Clients whose tokens must be refused, one for each kind of bad token."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from netra_contracts.clients.connect import CLOSE_MAX_S
from netra_contracts.clients.errors import SkippedError
from netra_contracts.clients.scenarios.scenario import ClientScenario, ScenarioRun
from netra_contracts.clients.session import ScenarioSession, closing
from netra_contracts.clients.tokens import forgery
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.observed.clients import ClientLog

#: How long a connection that was not refused is watched, in seconds.
_WATCH_S = 2.0
#: How long it waits for the events of a step before the message, in seconds.
_PREPARE_S = 0.5

#: The audience of a token that is not meant for the target.
AUDIENCE = "another-audience"

#: Makes the bad token of a user, by id; None: the client sends no token.
_MakeToken = Callable[[ScenarioSession, str], Awaitable[str | None]]


async def _no_token(session: ScenarioSession, user_id: str) -> None:
    return None


async def _expired_token(session: ScenarioSession, user_id: str) -> str:
    now = int(time.time())
    return await session.tokens.with_claims(user_id, {"exp": now - 3600, "iat": now - 7200})


async def _token_for_another_audience(session: ScenarioSession, user_id: str) -> str:
    return await session.tokens.with_claims(user_id, {"aud": AUDIENCE})


def _forged(forge: Callable[[str], str]) -> _MakeToken:
    async def make(session: ScenarioSession, user_id: str) -> str:
        (good,) = await session.tokens.good([user_id])
        return forge(good)

    return make


def _scenario(name: str, make_token: _MakeToken) -> ClientScenario:
    async def attempt(run: ScenarioRun) -> tuple[ClientLog, ...]:
        session = run.session
        (user,) = run.users
        if not session.contract.token:
            raise SkippedError("no token function is configured")
        token = await make_token(session, user.id)
        session.tokens.keep([token])
        client = await session.client(user, token)
        async with closing([client]):
            await client.connect()
            # The application may ignore what a client without valid credentials sends: what counts is what it answers.
            await client.prepare(min(_PREPARE_S, session.contract.deadline_s))
            await client.send()
            await client.wait(lambda: client.answers > 0, min(_WATCH_S, session.contract.deadline_s))
            return (client.record(),)

    return ClientScenario(
        name, requested=lambda contract: contract.reject_bad_tokens, run=attempt, max_s=_max_s, group="bad tokens"
    )


def _max_s(contract: DeliveryContract) -> float:
    return 2 * contract.deadline_s + _WATCH_S + CLOSE_MAX_S


BAD_TOKENS = (
    _scenario("no token", _no_token),
    _scenario("expired token", _expired_token),
    _scenario("wrong signature", _forged(forgery.wrong_signature)),
    _scenario("alg none", _forged(forgery.alg_none)),
    _scenario("another audience", _token_for_another_audience),
)
