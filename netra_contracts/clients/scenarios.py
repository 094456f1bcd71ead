"""All scenarios that a contract asks for, against a target that is served on a port."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, get_args

from netra_contracts.clients import bad_tokens
from netra_contracts.clients.delivery import burst, delivery
from netra_contracts.clients.readiness import poll
from netra_contracts.clients.reconnect import reconnect
from netra_contracts.clients.session import ScenarioSession
from netra_contracts.clients.slow_reader import OTHERS, slow_reader
from netra_contracts.clients.token_expiry import expiry
from netra_contracts.clients.tokens import TokenError, TokenSource
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.clients import ClientObservation, ReadinessResult, Scenario, ScenarioName

_ORDER = get_args(ScenarioName)

#: Open files beside those of the clients.
_OTHER_FILES = 256

#: How long the clients have to close when the caller is interrupted, in seconds.
_INTERRUPTED_S = 3.0


def observe(port: int, contract: DeliveryContract, tokens: TokenSource, mark: str = "") -> ClientObservation:
    """What real clients see of the target on `port` of 127.0.0.1.

    Blocks; may be called under a running event loop, for it uses one of its own in a thread. `tokens` is called from
    other threads, once at a time, if the contract has a token. No value of a token, a message or a user's id is in the
    result. `mark`, in hexadecimal, ends every user's id; default: a random one.
    """
    _allow_files(contract.users)
    return _in_a_thread(_observe(port, contract, tokens, mark))


async def _observe(port: int, contract: DeliveryContract, tokens: TokenSource, mark: str) -> ClientObservation:
    session = ScenarioSession(port, contract, tokens, mark)
    over = asyncio.Event()
    polling: asyncio.Task[ReadinessResult] | None = None
    if contract.readiness:
        polling = asyncio.create_task(poll(port, contract.readiness, contract.deadline_s, over))
    try:
        scenarios = await _scenarios(session)
        over.set()
        return ClientObservation(scenarios, await polling if polling else None)
    except TokenError as error:
        over.set()
        return ClientObservation(readiness=await polling if polling else None, skipped=str(error))
    finally:
        if polling:
            polling.cancel()


async def _scenarios(session: ScenarioSession) -> tuple[Scenario, ...]:
    contract = session.contract
    users = session.users.take(contract.users)
    expiring: asyncio.Task[Scenario] | None = None
    if contract.expiry:
        # It mostly waits. Its token is good for a moment only: it is connected before the others load the server.
        connected = asyncio.Event()
        expiring = asyncio.create_task(expiry(session, session.users.take()[0], connected))
        await connected.wait()
    try:
        first = await delivery(session, users)
        if not any(client.events or (client.sent and client.ended == "deadline") for client in first.clients):
            return (first, *_unreached(contract))
        scenarios = [first, *await _unkind(session)]
        if expiring:
            scenarios.append(await expiring)
    finally:
        if expiring:
            expiring.cancel()
    return tuple(sorted(scenarios, key=lambda scenario: _ORDER.index(scenario.name)))


async def _unkind(session: ScenarioSession) -> list[Scenario]:
    """Clients that do not behave, one kind after the other."""
    contract = session.contract
    scenarios: list[Scenario] = []
    if contract.reject_bad_tokens:
        users = session.users.take(len(bad_tokens.KINDS))
        scenarios += await bad_tokens.bad_tokens(session, dict(zip(bad_tokens.KINDS, users, strict=True)))
    if contract.slow_reader:
        slow, *others = session.users.take(1 + min(contract.users, OTHERS))
        scenarios.append(await slow_reader(session, slow, others))
    if contract.reconnect:
        scenarios.append(await reconnect(session, session.users.take()[0]))
    if contract.burst > 0:
        scenarios.append(await burst(session, session.users.take()[0]))
    return scenarios


def _unreached(contract: DeliveryContract) -> list[Scenario]:
    """Where good tokens are refused too, a refusal says nothing of bad ones, nor silence of slow readers."""
    asked = [
        *(Scenario(kind) for kind in bad_tokens.KINDS if contract.reject_bad_tokens),
        *([Scenario("slow reader")] if contract.slow_reader else []),
        *([Scenario("reconnect")] if contract.reconnect else []),
        *([Scenario("expiry")] if contract.expiry else []),
        *([Scenario("burst")] if contract.burst > 0 else []),
    ]
    return [replace(scenario, skipped="no connection of the delivery stayed open") for scenario in asked]


def _in_a_thread(observing: Coroutine[Any, Any, ClientObservation]) -> ClientObservation:
    """Run it in an event loop of its own. An interrupt of the caller ends it and is passed on."""
    result: list[ClientObservation] = []
    raised: list[BaseException] = []
    # Waited for instead of the thread: up to Python 3.12, an interrupted join takes the thread for ended.
    ended = threading.Event()
    loop = asyncio.new_event_loop()
    task = loop.create_task(observing)

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                result.append(runner.run(_awaited(task)))
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            raised.append(error)
        finally:
            ended.set()

    thread = threading.Thread(target=run, name="netra-contracts-live", daemon=True)
    thread.start()
    try:
        while not ended.wait(0.2):  # With a limit: on Windows, a wait without one cannot be interrupted.
            pass
    except BaseException:
        with contextlib.suppress(RuntimeError):  # The loop has just been closed.
            loop.call_soon_threadsafe(task.cancel)
        ended.wait(_INTERRUPTED_S)
        raise
    thread.join()
    if raised:
        raise raised[0]
    return result[0]


async def _awaited(task: asyncio.Task[ClientObservation]) -> ClientObservation:
    return await task


def _allow_files(users: int) -> None:
    """Raise the limit of open files as far as the users need it and the system lets us."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 2 * users + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
