"""What the scenarios share: users, tokens, clients, and the delivery that each user is owed."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from time import perf_counter

from netra_contracts.clients.client import Client
from netra_contracts.clients.event_parser import EventParser
from netra_contracts.clients.synthetic_users import ClientUser, UserPool
from netra_contracts.clients.tokens import Tokens, TokenSource
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.clients import ClientLog

#: How long clients go on reading when all have what they waited for, in seconds: repetitions and strays come late.
GRACE_S = 0.25

#: More handshakes at once would overflow the server's queue of connections (uvicorn: 2,048, but macOS: 128).
_HANDSHAKES = 100


class ScenarioSession:
    """One observation: a served target, what is wanted of it, and the users that were made up for it."""

    def __init__(self, port: int, contract: DeliveryContract, source: TokenSource, mark: str = "") -> None:
        self.port = port
        self.contract = contract
        self.users = UserPool(mark)
        self.tokens = Tokens(source, self.users, contract.token)
        self._grammar = EventParser(contract, self.users, self.tokens.told_by)
        wanted = [event.at_least for event in contract.expect if event.name == contract.terminal]
        #: How many terminal events end a run.
        self.terminals = max([1, *wanted])

    @asynccontextmanager
    async def clients(self, users: Sequence[ClientUser]) -> AsyncIterator[list[Client]]:
        """A client for each user, with its token if the contract has any, not yet open; closed in the end.

        Raises:
            TokenError: there are no tokens.
        """
        tokens: dict[str, str] = {}
        if self.contract.token:
            ids = list(dict.fromkeys(user.id for user in users))
            tokens = dict(zip(ids, await self.tokens.good(ids), strict=True))
        clients = [self.client(user, tokens.get(user.id)) for user in users]
        async with closing(clients):
            yield clients

    def client(self, user: ClientUser, token: str | None) -> Client:
        """A client with a token that the caller has; the caller closes it."""
        return Client(self.port, self.contract, self._grammar, user, token)

    async def deliver(self, clients: Sequence[Client]) -> tuple[ClientLog, ...]:
        """All connect; then all send at once, and each reads until its run has ended. What each saw."""
        turns = asyncio.Semaphore(_HANDSHAKES)

        async def connect(client: Client) -> None:
            async with turns:
                await client.open()

        await asyncio.gather(*map(connect, clients))
        with _without_garbage_collection():
            await asyncio.gather(*map(self.run, clients))
        await asyncio.sleep(GRACE_S)
        return tuple(client.record() for client in clients)

    async def run(self, client: Client, times: int = 1) -> None:
        """Send, and wait for the end of the run, or of as many runs as were asked for."""
        await client.send(times)
        await client.wait(lambda: client.terminals >= times * self.terminals, self.contract.deadline_s)


@asynccontextmanager
async def closing(clients: Sequence[Client]) -> AsyncIterator[None]:
    """Closes the clients in the end."""
    try:
        yield
    finally:
        await asyncio.gather(*(client.close() for client in clients))


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """No garbage collection meanwhile: its pauses would be counted as the server's. Events make no circles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def ms_since(began: float) -> float:
    """Milliseconds since `began`, a `perf_counter`."""
    return round((perf_counter() - began) * 1000, 3)
