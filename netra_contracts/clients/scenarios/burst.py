"""One user requests many runs on one connection, back to back."""

from __future__ import annotations

import asyncio

from netra_contracts.clients.scenarios.scenario import ClientScenario, ScenarioRun
from netra_contracts.clients.session import GRACE_S, delivery_max_s
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.observed.clients import ClientLog


async def _burst(run: ScenarioRun) -> tuple[ClientLog, ...]:
    async with run.session.clients(run.users) as (client,):
        await client.open()
        await run.session.run(client, run.session.contract.burst)
        await asyncio.sleep(GRACE_S)
        return (client.record(),)


def _max_s(contract: DeliveryContract) -> float:
    return delivery_max_s(contract.deadline_s, contract.burst)


BURST = ClientScenario("burst", requested=lambda contract: contract.burst > 0, run=_burst, max_s=_max_s)
