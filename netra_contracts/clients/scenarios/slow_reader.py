"""A client that never reads, while other users must still be served."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from time import perf_counter

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from netra_contracts.clients.client import Client
from netra_contracts.clients.connect import CLOSE_MAX_S
from netra_contracts.clients.errors import SkippedError
from netra_contracts.clients.scenarios.scenario import ClientScenario, ScenarioRun
from netra_contracts.clients.session import ScenarioSession, delivery_max_s
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.observed.clients import ClientLog

#: How many other users are served meanwhile, at most.
_MAX_OTHERS = 5

#: How many messages the slow client sends in one round, and how long the server may block one of them, in seconds.
_MAX_MESSAGES = 2000
#: How many rounds there are at most: short answers to one may fit into the server's buffers.
_MAX_ROUNDS = 4
_MAX_BLOCKED_S = 0.5

#: Time between two questions to the server, in seconds, whether its own buffers are full: only then can it block.
_ASKING_S = 0.15
#: They count as full after this number of successive answers in which the application waits to send the same message.
_SAME_MESSAGE = 2
#: The application has answered all messages after this number of successive answers in which it has sent nothing more.
_NOTHING_SENT = 5

#: A small window, and segments as on a real network: the server's buffers for a loopback peer are far larger.
_BUFFER_BYTES = 4096
_SEGMENT_BYTES = 1400


async def _slow_reader(run: ScenarioRun) -> tuple[ClientLog, ...]:
    """What the other users received."""
    session = run.session
    slow, *others = run.users
    async with session.clients([slow]) as (client,), session.clients(others) as clients:
        try:
            if not await _open(session, client) or client.connection is None:
                raise SkippedError("the slow client could not connect")
            client.connection.transport.pause_reading()
            await _flood_until_blocked(session, client, client.connection)
            return await session.deliver(clients)
        finally:
            if client.connection is not None:
                client.connection.transport.abort()


async def _open(session: ScenarioSession, client: Client) -> bool:
    sock = _narrow_socket()
    try:
        async with asyncio.timeout(session.contract.deadline_s):
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", session.port))
        return await client.open(sock)
    except OSError:
        return False
    finally:
        if client.connection is None:
            sock.close()


def _narrow_socket() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
    with contextlib.suppress(OSError, AttributeError):  # not on every system
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT_BYTES)
    return sock


async def _flood_until_blocked(session: ScenarioSession, client: Client, connection: ClientConnection) -> None:
    """Send in rounds until the application waits for the slow client, or the server accepts no more messages."""
    end = perf_counter() + 2 * session.contract.deadline_s
    with contextlib.suppress(ConnectionClosed):
        for _ in range(_MAX_ROUNDS):
            accepted = await _flood(client, connection, session.contract.deadline_s)
            if await _is_blocked(session) or not accepted or perf_counter() > end:
                return


async def _flood(client: Client, connection: ClientConnection, max_s: float) -> bool:
    """Send one round of messages. False: the server does not accept them all.

    Raises:
        ConnectionClosed: if the server closes the connection.
    """
    try:
        async with asyncio.timeout(max_s):
            for _ in range(_MAX_MESSAGES):
                async with asyncio.timeout(_MAX_BLOCKED_S):
                    await connection.send(client.message or "")
                await asyncio.sleep(0)  # `send` does not yield until the buffers are full
    except TimeoutError:
        return False
    return True


async def _is_blocked(session: ScenarioSession) -> bool:
    """Wait until the application waits for the slow client, or has nothing more to send to it: whether it waits.

    A fixed time would let the load of the machine decide which of both is tested.
    """
    before, blocked, idle = await session.tokens.sending(), 0, 0
    if before is None:
        await asyncio.sleep(_ASKING_S * _NOTHING_SENT)
        return False
    end = perf_counter() + session.contract.deadline_s
    while blocked < _SAME_MESSAGE and idle < _NOTHING_SENT and perf_counter() < end:
        await asyncio.sleep(_ASKING_S)
        now = await session.tokens.sending() or before
        blocked = blocked + 1 if now.waiting and now.waiting == before.waiting else 0
        idle = idle + 1 if now == before else 0
        before = now
    return blocked >= _SAME_MESSAGE


def _others(contract: DeliveryContract) -> int:
    return min(contract.users, _MAX_OTHERS)


def _max_s(contract: DeliveryContract) -> float:
    # The slow client connects (TCP, then WebSocket) and sends; then the others have their runs.
    slow_s = 6 * contract.deadline_s + CLOSE_MAX_S
    return slow_s + delivery_max_s(contract.deadline_s, _others(contract))


SLOW_READER = ClientScenario(
    "slow reader",
    requested=lambda contract: contract.slow_reader,
    run=_slow_reader,
    max_s=_max_s,
    users=lambda contract: 1 + _others(contract),
)
