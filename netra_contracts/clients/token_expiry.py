"""A client whose token expires while it is connected."""

from __future__ import annotations

import asyncio
import time
from time import perf_counter

from netra_contracts.clients.bad_tokens import token_with_claims
from netra_contracts.clients.client import Client
from netra_contracts.clients.session import ScenarioSession, closing, ms_since
from netra_contracts.clients.synthetic_users import ClientUser
from netra_contracts.clients.tokens import TokenError
from netra_contracts.protocol.clients import Scenario

#: How long the token is good, and how long after that it is used, in seconds. Whole ones: so claims count.
_GOOD_S = 2
_LATE_S = 1.0

#: How long an answer may take, in seconds.
_ANSWER_S = 3.0


async def expiry(session: ScenarioSession, user: ClientUser, connected: asyncio.Event) -> Scenario:
    """What the client saw after its token had expired. `connected` is set when others may begin to load the server."""
    try:
        if not session.contract.token:
            return Scenario("expiry", skipped="no token function is configured")
        began = perf_counter()
        expires = int(time.time()) + _GOOD_S
        try:
            client = session.client(user, await token_with_claims(session, user, {"exp": expires}))
        except TokenError as error:
            return Scenario("expiry", skipped=str(error))
        async with closing([client]):
            await client.open()
            if client.over and time.time() >= expires:
                return Scenario("expiry", skipped="the token expired before the client could connect")
            connected.set()
            await _outlive(client, expires, min(session.contract.deadline_s, _ANSWER_S), session.terminals)
            return Scenario("expiry", (client.record(),), ms=ms_since(began))
    finally:
        connected.set()


async def _outlive(client: Client, expires: int, answer_s: float, terminals: int) -> None:
    """Wait until the token has expired, then use the connection. `done`: an expected event came even so."""
    await client.wait(lambda: False, max(0.0, expires + _LATE_S - time.time()))
    if client.over:
        return
    client.start_over()
    await client.send()
    await client.wait(lambda: client.terminals >= terminals, answer_s)
    if client.answers:  # Not the end of a run, but it was served.
        await client.wait(lambda: True, answer_s)
