"""Every user gets what is owed to it, and nothing else: many at once, or one that asks for many runs at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter

from netra_contracts.clients.session import GRACE_S, ScenarioSession, ms_since
from netra_contracts.clients.synthetic_users import ClientUser
from netra_contracts.clients.tokens import TokenError
from netra_contracts.protocol.clients import Scenario


async def delivery(session: ScenarioSession, users: Sequence[ClientUser]) -> Scenario:
    """All users at once, one run each.

    Raises:
        TokenError: there are no tokens, and so nothing can be tried at all.
    """
    began = perf_counter()
    async with session.clients(users) as clients:
        seen = await session.deliver(clients)
    return Scenario("delivery", seen, ms=ms_since(began))


async def burst(session: ScenarioSession, user: ClientUser) -> Scenario:
    """One user asks for many runs on one socket, back to back."""
    began = perf_counter()
    try:
        async with session.clients([user]) as (client,):
            await client.open()
            await session.run(client, session.contract.burst)
            await asyncio.sleep(GRACE_S)
            seen = client.record()
    except TokenError as error:
        return Scenario("burst", skipped=str(error))
    return Scenario("burst", (seen,), ms=ms_since(began))
