"""A client whose token expires while it is connected."""

from __future__ import annotations

import time

from netra_contracts.clients.client import Client
from netra_contracts.clients.connect import CLOSE_MAX_S
from netra_contracts.clients.errors import SkippedError
from netra_contracts.clients.scenarios.scenario import ClientScenario, ScenarioRun
from netra_contracts.clients.session import closing
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.observed.clients import ClientLog

#: How long the token is valid, in seconds. An integer, as `exp` counts whole seconds.
_VALID_S = 2
#: How long after its end the token is used, in seconds.
_LATE_S = 1.0
#: How long an answer may take, in seconds.
_MAX_ANSWER_S = 3.0


async def _expire(run: ScenarioRun) -> tuple[ClientLog, ...]:
    """What the client received after its token had expired."""
    session = run.session
    (user,) = run.users
    if not session.contract.token:
        raise SkippedError("no token function is configured")
    expires = int(time.time()) + _VALID_S
    client = await session.client(user, await session.tokens.with_claims(user.id, {"exp": expires}))
    async with closing([client]):
        await client.open()
        if client.over and time.time() >= expires:
            raise SkippedError("the token expired before the client could connect")
        run.connected.set()
        await _outlive(client, expires, min(session.contract.deadline_s, _MAX_ANSWER_S), session.terminals)
        return (client.record(),)


async def _outlive(client: Client, expires: int, answer_s: float, terminals: int) -> None:
    """Wait until the token has expired, then use the connection. It `ended` with `done` if an expected event came."""
    await client.wait(lambda: False, max(0.0, expires + _LATE_S - time.time()))
    if client.over:
        return
    client.reset()
    await client.send()
    await client.wait(lambda: client.ended_runs(terminals) >= 1, answer_s)
    if client.answers:  # the run did not end, but the client was served
        await client.wait(lambda: True, answer_s)


def _max_s(contract: DeliveryContract) -> float:
    # It connects and sends; the rest has limits of its own.
    return 2 * contract.deadline_s + _VALID_S + _LATE_S + 2 * _MAX_ANSWER_S + CLOSE_MAX_S


# Most of its time is waiting. Its token is valid for a moment only: it connects before others load the server.
EXPIRY = ClientScenario("expiry", requested=lambda contract: contract.expiry, run=_expire, max_s=_max_s, beside=True)
