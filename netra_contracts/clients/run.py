"""Runs the scenarios that a contract asks for against a target that is served on a port."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Literal, NamedTuple

from netra_contracts.clients.errors import SkippedError, TokenError
from netra_contracts.clients.event_parser import has_format
from netra_contracts.clients.own_event_loop import run_in_own_event_loop
from netra_contracts.clients.readiness import poll
from netra_contracts.clients.scenarios import in_turn, requested
from netra_contracts.clients.scenarios.scenario import ClientScenario, ScenarioRun
from netra_contracts.clients.session import ScenarioSession, ms_since
from netra_contracts.clients.synthetic_users import ClientUser
from netra_contracts.clients.target_calls import TargetCalls
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.observed.clients import ClientObservation, ReadinessResult, Scenario

#: Open files beside those of the clients.
_OTHER_FILES = 256


def observe(port: int, contract: DeliveryContract, host: TargetCalls, canary: str = "") -> ClientObservation:
    """What real clients see of the target that is served on `port` of 127.0.0.1.

    Blocks until all clients have disconnected. May be called while an event loop runs in this thread: the clients have
    an event loop of their own in another one. The result contains no token, no user's id and no content of a message.

    Args:
        port: where the target is served.
        contract: what the clients do, and which scenarios are requested.
        host: what the target's process answers; called from other threads, one call at a time.
        canary: hexadecimal digits with which each user's id ends; empty: random ones.
    """
    if not has_format(contract):
        skipped = f'messages in {contract.format} need a library: pip install "netra-contracts[{contract.format}]"'
        return ClientObservation(skipped=skipped, failed="tool")
    _allow_open_files(2 * contract.users + _OTHER_FILES)
    return run_in_own_event_loop(_observe(ScenarioSession(port, contract, host, canary)))


async def _observe(session: ScenarioSession) -> ClientObservation:
    contract = session.contract
    done = asyncio.Event()
    polling: asyncio.Task[ReadinessResult] | None = None
    if contract.readiness:
        polling = asyncio.create_task(poll(session.port, contract.readiness, contract.deadline_s, done))
    scenarios: tuple[Scenario, ...] = ()
    skipped = ""
    failed: Literal["", "token"] = ""
    try:
        try:
            scenarios = await _run_all(session)
        except TokenError as error:
            skipped, failed = str(error), "token"
        done.set()
        return ClientObservation(scenarios, await polling if polling else None, skipped, failed)
    finally:
        if polling:
            polling.cancel()


class _Beside(NamedTuple):
    name: str
    connected: asyncio.Event
    task: asyncio.Task[Scenario]


async def _run_all(session: ScenarioSession) -> tuple[Scenario, ...]:
    """All requested scenarios, in the order of the report.

    Raises:
        TokenError: there are no tokens for the first scenario, so nothing can be tried.
    """
    scenarios = requested(session.contract)
    users = _assign_users(session, scenarios)
    first, *rest = in_turn(scenarios)
    results: dict[str, Scenario] = {}
    beside = [_start_beside(session, scenario, users[scenario.name]) for scenario in scenarios if scenario.beside]
    try:
        for started in beside:
            await started.connected.wait()
        for scenario in first:
            results[scenario.name] = await _run(session, scenario, users[scenario.name])
        if not any(_was_served(result) for result in results.values()):
            skipped = "no connection of the delivery stayed open"
            return tuple(results.get(scenario.name, Scenario(scenario.name, skipped=skipped)) for scenario in scenarios)
        for group in rest:
            runs = (_run_or_skip(session, scenario, users[scenario.name]) for scenario in group)
            results.update((result.name, result) for result in await asyncio.gather(*runs))
        for started in beside:
            results[started.name] = await started.task
    finally:
        for started in beside:
            started.task.cancel()
    return tuple(results[scenario.name] for scenario in scenarios)


def _assign_users(session: ScenarioSession, scenarios: Sequence[ClientScenario]) -> Mapping[str, list[ClientUser]]:
    """The users of each scenario, by its name: first those of the first one, then of those that run beside."""
    first, *rest = scenarios
    ordered = [first, *sorted(rest, key=lambda scenario: not scenario.beside)]
    return {scenario.name: session.users.new_users(scenario.users(session.contract)) for scenario in ordered}


def _start_beside(session: ScenarioSession, scenario: ClientScenario, users: Sequence[ClientUser]) -> _Beside:
    connected = asyncio.Event()
    task = asyncio.create_task(_run_or_skip(session, scenario, users, connected))
    task.add_done_callback(lambda _: connected.set())
    return _Beside(scenario.name, connected, task)


async def _run_or_skip(
    session: ScenarioSession,
    scenario: ClientScenario,
    users: Sequence[ClientUser],
    connected: asyncio.Event | None = None,
) -> Scenario:
    try:
        return await _run(session, scenario, users, connected)
    except SkippedError as reason:
        return Scenario(scenario.name, skipped=str(reason))


async def _run(
    session: ScenarioSession,
    scenario: ClientScenario,
    users: Sequence[ClientUser],
    connected: asyncio.Event | None = None,
) -> Scenario:
    began = perf_counter()
    run = ScenarioRun(session, users, connected or asyncio.Event(), [])
    clients = await scenario.run(run)
    bystanders = tuple(client.record() for client in run.bystanders)
    return Scenario(scenario.name, clients, ms=ms_since(began), bystanders=bystanders)


def _was_served(result: Scenario) -> bool:
    """Whether any connection stayed open. If none did, a refusal does not show that a token is bad."""
    return any(client.events or (client.sent and client.ended == "deadline") for client in result.clients)


def _allow_open_files(count: int) -> None:
    """Raise the limit of open files to `count` as far as the system permits."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - does not exist on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        limit = count if hard == resource.RLIM_INFINITY else min(count, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, limit), hard))
