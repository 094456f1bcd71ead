"""Scenarios run in their order, in an event loop of their own, and record no secrets."""

from __future__ import annotations

import _thread
import asyncio
import json
import os
import sys
from dataclasses import asdict
from typing import Any

import pytest

from netra_contracts.clients import TargetCalls, observe
from netra_contracts.protocol.observed.clients import ReceivedEvent
from tests.unit.clients.served_app import (
    BAD_TOKENS,
    DEADLINE,
    Chat,
    Send,
    contract,
    delivered,
    observed,
    served,
    tokens,
)


def test_other_scenarios_are_skipped_if_all_users_are_refused() -> None:
    with served(Chat(authenticate=lambda _: None)) as port:
        live = observe(port, contract(reject_bad_tokens=True, burst=3, users=1), TargetCalls(tokens))

    assert [(client.ended, client.status, client.sent) for client in live.scenarios[0].clients] == [("refused", 403, 0)]
    assert [scenario.name for scenario in live.scenarios[1:]] == [
        "no token",
        "expired token",
        "wrong signature",
        "alg none",
        "another audience",
        "burst",
    ]
    assert {scenario.skipped for scenario in live.scenarios[1:]} == {"no connection of the delivery stayed open"}


def test_bad_tokens_are_skipped_if_no_connection_stays_open() -> None:
    chat = Chat()

    async def run(_: Send, user: str, __: str) -> None:
        await chat.sockets[user].close(1008)

    chat.run = run
    with served(chat) as port:
        live = observe(port, contract(reject_bad_tokens=True), TargetCalls(tokens))

    assert [(client.ended, client.close_code) for client in live.scenarios[0].clients] == [("closed", 1008)] * 3
    assert {scenario.skipped for scenario in live.scenarios[1:]} == {"no connection of the delivery stayed open"}


def test_each_scenario_has_users_of_its_own() -> None:
    scenarios = observed(
        Chat(recheck=False), reject_bad_tokens=True, slow_reader=True, reconnect=True, expiry=True, burst=2
    )

    users = [client.user for scenario in scenarios.values() for client in scenario.clients]
    assert len(users) == len(set(users)) == 3 + 5 + 3 + 2 + 1 + 1
    assert tuple(scenarios) == ("delivery", *BAD_TOKENS, "slow reader", "reconnect", "expiry", "burst")


def test_result_contains_no_token_no_id_and_no_content() -> None:
    secret = "eyJtoken-distinctive"  # noqa: S105 - to be looked for
    chat = Chat(authenticate=lambda _: {"exp": 2**40})
    ids: list[str] = []

    async def run(send: Send, user: str, _: str) -> None:
        ids.append(user)
        for name in (secret, secret[4:], f"x.{secret}", user, "content that is private"):
            await send({"type": name, "data": {"id": secret, "run": user}})
        await send({"type": "agent_completed", "data": {"content": "content that is private"}})

    chat.run = run
    asked = contract(users=1, reject_bad_tokens=True, reconnect=True, burst=1, expiry=True)
    with served(chat) as port:
        live = observe(port, asked, TargetCalls(lambda requests: [secret for _ in requests]))

    text = json.dumps(asdict(live)) + repr(live)
    assert live.scenarios[0].clients[0].events[0] == ReceivedEvent(
        "<text>", live.scenarios[0].clients[0].events[0].ms, has_canary=True
    )
    assert len(live.scenarios) == 9
    assert ids
    for private in (secret, "distinctive", "private", *ids, *(user.rpartition("-")[2] for user in ids)):
        assert private not in text


def test_failing_token_function_skips_all_scenarios() -> None:
    def broken(requests: Any) -> list[str | None]:
        raise LookupError(f"no key for {requests[0].user_id} beside eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln")

    with served(Chat()) as port:
        live = observe(port, contract(expiry=True), TargetCalls(broken))

    assert live.scenarios == ()
    assert live.skipped == "the token function tests:token failed: no key for alice beside ***"


@pytest.mark.skipif(sys.platform == "win32", reason="files are not limited so on Windows")
def test_limit_of_open_files_is_raised_for_many_users() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    open_now = len(os.listdir("/dev/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_now + 20, hard))  # 40 users need twice as many in this process
    try:
        scenario = delivered(Chat(), users=40, deadline_s=3600.0)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert {client.ended for client in scenario.clients} == {"done"}


def test_observing_works_while_an_event_loop_runs() -> None:
    with served(Chat()) as port:

        async def main() -> Any:
            return observe(port, contract(users=1), TargetCalls(tokens))

        live = asyncio.run(main())

    assert live.scenarios[0].clients[0].ended == "done"


def test_interrupt_ends_the_clients_and_is_raised_again() -> None:
    async def interrupting(_: Send, __: str, ___: str) -> None:
        _thread.interrupt_main()

    chat = Chat(run=interrupting)
    with served(chat) as port:
        with pytest.raises(KeyboardInterrupt):
            observe(port, contract(users=1, deadline_s=600.0), TargetCalls(tokens))
        assert chat.left.wait(DEADLINE)
