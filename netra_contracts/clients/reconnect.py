"""A user whose connection drops in mid-run and comes back, while the old socket closes late."""

from __future__ import annotations

import asyncio
from time import perf_counter

from netra_contracts.clients.client import Client
from netra_contracts.clients.session import GRACE_S, ScenarioSession, ms_since
from netra_contracts.clients.synthetic_users import ClientUser
from netra_contracts.clients.tokens import TokenError
from netra_contracts.protocol.clients import ClientLog, Scenario

#: The old run has ended when nothing has come for so long, in seconds.
_QUIET_S = 0.3


async def reconnect(session: ScenarioSession, user: ClientUser) -> Scenario:
    """What the second connection saw of the run that it asked for itself."""
    began = perf_counter()
    try:
        async with session.clients([user, user]) as (old, new):
            if not await old.open():
                return Scenario("reconnect", skipped="the first connection could not be opened")
            await old.send()
            await old.wait(lambda: old.received > 0, session.contract.deadline_s)
            if not old.received:
                return Scenario("reconnect", skipped="the first connection received no event")
            seen = await _come_back(session, old, new)
    except TokenError as error:
        return Scenario("reconnect", skipped=str(error))
    return Scenario("reconnect", (seen,), ms=ms_since(began))


async def _come_back(session: ScenarioSession, old: Client, new: Client) -> ClientLog:
    await new.open()
    await old.close()
    await new.wait_for_quiet(_QUIET_S, session.contract.deadline_s)
    new.start_over(old.runs)
    await session.run(new)
    await asyncio.sleep(GRACE_S)
    return new.record()
