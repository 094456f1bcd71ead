"""A user whose client connects again while its old connection is still closing, beside a user who stays connected."""

from __future__ import annotations

import asyncio

from netra_contracts.clients.client import Client
from netra_contracts.clients.connect import CLOSE_MAX_S
from netra_contracts.clients.errors import SkippedError
from netra_contracts.clients.scenarios.scenario import ClientScenario, ScenarioRun
from netra_contracts.clients.session import GRACE_S, ScenarioSession
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.observed.clients import ClientLog

#: The first run counts as ended when no event has come for this long, in seconds.
_QUIET_S = 0.3


async def _reconnect(run: ScenarioRun) -> tuple[ClientLog, ...]:
    """What the second connection received of the run that was requested on it, then the same of the other user."""
    session = run.session
    user, other = run.users
    async with session.clients([user, other, user]) as (old, stays, new):
        if not await old.open():
            raise SkippedError("the first connection could not be opened")
        run.bystanders.append(old)
        await stays.open()
        await old.send()
        await old.wait(lambda: old.answered, session.contract.deadline_s)
        if not old.answered:
            raise SkippedError("the first connection received no event")
        await _connect_again(session, old, new)
        await session.run(stays)
        await asyncio.sleep(GRACE_S)
        return (new.record(), stays.record())


async def _connect_again(session: ScenarioSession, old: Client, new: Client) -> None:
    await new.open()
    await old.close()
    if not old.pushed:
        await new.wait_for_quiet(_QUIET_S, session.contract.deadline_s)
        new.reset(old.runs)
    await session.run(new)


def _max_s(contract: DeliveryContract) -> float:
    # Three connections; three messages; the first event, the quiet, and the end of two runs.
    return 10 * contract.deadline_s + GRACE_S + 3 * CLOSE_MAX_S


RECONNECT = ClientScenario(
    "reconnect", requested=lambda contract: contract.reconnect, run=_reconnect, max_s=_max_s, users=lambda _: 2
)
