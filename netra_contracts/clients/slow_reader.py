"""A client that never reads, while others must still be served."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Sequence
from time import perf_counter

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from netra_contracts.clients.client import Client
from netra_contracts.clients.session import ScenarioSession, ms_since
from netra_contracts.clients.synthetic_users import ClientUser
from netra_contracts.clients.tokens import TokenError
from netra_contracts.protocol.clients import Scenario

#: How many others are to be served meanwhile, at the most.
OTHERS = 5

#: How many messages the slow client sends, and for how long one of them may block, in seconds.
_MOST_SENT = 2000
_BLOCKED_S = 0.5

#: How long the server has to answer what was sent, until its own buffers are full: only then can it stand still.
_ANSWERING_S = 0.75

#: A small window, and segments as on a real network: the server's buffers for a loopback peer are far larger.
_BUFFER_BYTES = 4096
_SEGMENT_BYTES = 1400


async def slow_reader(session: ScenarioSession, slow: ClientUser, others: Sequence[ClientUser]) -> Scenario:
    """What the others saw."""
    began = perf_counter()
    try:
        async with session.clients([slow]) as (client,), session.clients(others) as clients:
            try:
                if not await _open(session, client) or client.connection is None:
                    return Scenario("slow reader", skipped="the client that was to read slowly could not connect")
                client.connection.transport.pause_reading()
                await _flood(client, client.connection, session.contract.deadline_s)
                await asyncio.sleep(_ANSWERING_S)
                seen = await session.deliver(clients)
            finally:
                if client.connection is not None:
                    client.connection.transport.abort()
    except TokenError as error:
        return Scenario("slow reader", skipped=str(error))
    return Scenario("slow reader", seen, ms=ms_since(began))


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
    with contextlib.suppress(OSError, AttributeError):  # Not on every system.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT_BYTES)
    return sock


async def _flood(client: Client, connection: ClientConnection, most_s: float) -> None:
    """Send until the server takes no more, or has been asked for enough."""
    with contextlib.suppress(ConnectionClosed, TimeoutError):
        async with asyncio.timeout(most_s):
            for _ in range(_MOST_SENT):
                async with asyncio.timeout(_BLOCKED_S):
                    await connection.send(client.text)
                await asyncio.sleep(0)  # Sending does not yield by itself while the buffers have room.
