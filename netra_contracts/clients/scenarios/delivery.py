"""Each user receives the events of its run, and nothing else, while all users have a run at once."""

from __future__ import annotations

from netra_contracts.clients.scenarios.scenario import ClientScenario, ScenarioRun
from netra_contracts.clients.session import delivery_max_s
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.observed.clients import ClientLog


async def _deliver(run: ScenarioRun) -> tuple[ClientLog, ...]:
    async with run.session.clients(run.users) as clients:
        return await run.session.deliver(clients)


def _max_s(contract: DeliveryContract) -> float:
    return delivery_max_s(contract.deadline_s, contract.users)


DELIVERY = ClientScenario(
    "delivery", requested=lambda _: True, run=_deliver, max_s=_max_s, users=lambda contract: contract.users
)
