"""A user's connection drops during a run, and the user connects again before the server has noticed."""

from __future__ import annotations

import asyncio

from netra_contracts.clients.client import Client
from netra_contracts.clients.connect import CLOSE_MAX_S
from netra_contracts.clients.errors import SkippedError
from netra_contracts.clients.scenario import ClientScenario, ScenarioRun
from netra_contracts.clients.session import GRACE_S, ScenarioSession
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.clients import ClientLog

#: The first run counts as ended when no event has come for this long, in seconds.
_QUIET_S = 0.3


async def _reconnect(run: ScenarioRun) -> tuple[ClientLog, ...]:
    """What the second connection received of the run that was requested on it."""
    session = run.session
    (user,) = run.users
    async with session.clients([user, user]) as (old, new):
        if not await old.open():
            raise SkippedError("the first connection could not be opened")
        await old.send()
        await old.wait(lambda: old.received > 0, session.contract.deadline_s)
        if not old.received:
            raise SkippedError("the first connection received no event")
        return (await _connect_again(session, old, new),)


async def _connect_again(session: ScenarioSession, old: Client, new: Client) -> ClientLog:
    await new.open()
    await old.close()
    await new.wait_for_quiet(_QUIET_S, session.contract.deadline_s)
    new.reset(old.runs)
    await session.run(new)
    await asyncio.sleep(GRACE_S)
    return new.record()


def _max_s(contract: DeliveryContract) -> float:
    # Two connections; two messages; the first event, the quiet, and the end of the run.
    return 7 * contract.deadline_s + GRACE_S + 2 * CLOSE_MAX_S


RECONNECT = ClientScenario("reconnect", requested=lambda contract: contract.reconnect, run=_reconnect, max_s=_max_s)
