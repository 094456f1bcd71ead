"""What the scenarios share: the served target, its contract, synthetic users and their tokens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

from netra_contracts import garbage_collection
from netra_contracts.clients.client import Client
from netra_contracts.clients.connect import CLOSE_MAX_S
from netra_contracts.clients.event_parser import EventParser
from netra_contracts.clients.identity import Identity
from netra_contracts.clients.synthetic_users import ClientUser, UserPool
from netra_contracts.clients.target_calls import TargetCalls
from netra_contracts.clients.tokens.source import Tokens
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.observed.clients import ClientLog

#: How long clients keep reading when all have received what they wait for, in seconds: repeated and stray events may
#: arrive late.
GRACE_S = 0.25

#: More handshakes at once would overflow the server's queue of connections (uvicorn: 2,048, but macOS: 128).
_MAX_HANDSHAKES = 100

#: What one more run may add to the duration of a delivery, in seconds.
_RUN_MAX_S = 0.05


class ScenarioSession:
    """One observation of a served target.

    Args:
        port: where the target is served, on 127.0.0.1.
        contract: what the clients do.
        host: what the target's process answers.
        canary: see `UserPool`.

    Attributes:
        host: what the target's process answers.
        users: gives out synthetic users.
        tokens: gives out tokens.
        terminals: how many terminal events end a run.
    """

    def __init__(self, port: int, contract: DeliveryContract, host: TargetCalls, canary: str = "") -> None:
        self.port = port
        self.contract = contract
        self.users = UserPool(canary)
        self.host = host
        self.tokens = Tokens(host, self.users, contract.token)
        self._parser = EventParser(contract, self.users, self.tokens.contains_token)
        required = [event.at_least for event in contract.expect if event.name == contract.terminal]
        self.terminals = max([1, *required])

    @asynccontextmanager
    async def clients(self, users: Sequence[ClientUser]) -> AsyncIterator[list[Client]]:
        """A client for each user, with a token if the contract has a token function. Not open yet; closed on exit.

        Raises:
            TokenError: there are no tokens.
        """
        tokens: dict[str, str] = {}
        if self.contract.token:
            ids = list(dict.fromkeys(user.id for user in users))
            tokens = dict(zip(ids, await self.tokens.good(ids), strict=True))
        values = await self.values(users)
        clients = [self._client(Identity(user, tokens.get(user.id), values[user.id])) for user in users]
        async with closing(clients):
            yield clients

    async def client(self, user: ClientUser, token: str | None) -> Client:
        """A client with the given token; the caller closes it.

        Raises:
            TokenError: a function of the contract fails.
        """
        return self._client(Identity(user, token, (await self.values([user]))[user.id]))

    def _client(self, identity: Identity) -> Client:
        return Client(self.port, self.contract, self._parser, identity)

    async def values(self, users: Sequence[ClientUser]) -> Mapping[str, Mapping[str, Any]]:
        """What the functions of the contract give for each user, by the user's id and the function's term.

        Raises:
            TokenError: one of them fails.
        """
        ids = list(dict.fromkeys(user.id for user in users))
        found: dict[str, dict[str, Any]] = {user_id: {} for user_id in ids}
        for term, function in self.contract.functions.items():
            for user_id, value in zip(ids, await self.tokens.values(function, ids), strict=True):
                found[user_id][term] = value
        return found

    async def deliver(self, clients: Sequence[Client]) -> tuple[ClientLog, ...]:
        """Connect all clients; then all send at once, and each reads until its run has ended. Returns their logs."""
        handshakes = asyncio.Semaphore(_MAX_HANDSHAKES)

        async def connect(client: Client) -> None:
            async with handshakes:
                await client.connect()

        await asyncio.gather(*map(connect, clients))
        if self.contract.steps:
            # All at once: a step may wait for what another user does.
            await asyncio.gather(*(client.prepare() for client in clients))
            await asyncio.gather(*(client.round_trip() for client in clients))
        with garbage_collection.paused():  # its pauses would count as the server's
            await asyncio.gather(*map(self.run, clients))
        await asyncio.sleep(GRACE_S)
        return tuple(client.record() for client in clients)

    async def run(self, client: Client, times: int = 1) -> None:
        """Send the message `times` times, and wait until as many runs have ended."""
        if client.has_failed_step:
            return
        await client.send(times)
        await client.wait(lambda: client.ended_runs(self.terminals) >= times, self.contract.deadline_s)


def delivery_max_s(deadline_s: float, runs: int) -> float:
    """How long `deliver` may take, in seconds: clients connect, send, and wait, each until the deadline."""
    return 3 * deadline_s + GRACE_S + CLOSE_MAX_S + _RUN_MAX_S * runs


@asynccontextmanager
async def closing(clients: Sequence[Client]) -> AsyncIterator[None]:
    """Close the clients on exit."""
    try:
        yield
    finally:
        await asyncio.gather(*(client.close() for client in clients))


def ms_since(began: float) -> float:
    """Milliseconds since `began`, a `perf_counter`."""
    return round((perf_counter() - began) * 1000, 3)
