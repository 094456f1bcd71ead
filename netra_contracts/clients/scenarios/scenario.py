"""What a scenario is: clients with one behaviour, connected to the served target."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from netra_contracts.clients.client import Client
from netra_contracts.clients.session import ScenarioSession
from netra_contracts.clients.synthetic_users import ClientUser
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.observed.clients import ClientLog


class ScenarioRun(NamedTuple):
    """What a scenario is given.

    Attributes:
        session: the served target, its contract and its tokens.
        users: as many as the scenario declares; no other scenario has them.
        connected: to be set by a scenario that runs beside the others as soon as they may begin to load the server.
        bystanders: to be filled with clients whose own runs are not judged.
    """

    session: ScenarioSession
    users: Sequence[ClientUser]
    connected: asyncio.Event
    bystanders: list[Client]


class ClientScenario(NamedTuple):
    """One scenario. Adding one takes its module, its line in `scenarios.SCENARIOS`, and a check.

    Attributes:
        name: of its result (`protocol.observed.clients.Scenario`), by which checks find it.
        requested: whether a contract asks for it.
        run: what its clients do. Returns what they saw; raises `SkippedError` if it cannot be tried.
        max_s: how long it may take at most, in seconds, without the time that the target needs to make tokens.
        users: how many synthetic users it needs.
        group: scenarios of one group run at the same time, the groups one after the other.
        beside: whether it runs beside all others, from before the first one.
    """

    name: str
    requested: Callable[[DeliveryContract], bool]
    run: Callable[[ScenarioRun], Awaitable[tuple[ClientLog, ...]]]
    max_s: Callable[[DeliveryContract], float]
    users: Callable[[DeliveryContract], int] = lambda _: 1
    group: str = ""
    beside: bool = False
