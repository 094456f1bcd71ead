"""What is told of users who are served at once, well or not."""

from __future__ import annotations

import _thread
import asyncio
import json
import socket
import sys
import threading
from dataclasses import asdict
from typing import Any

import pytest
from starlette.responses import RedirectResponse
from websockets.http11 import Request
from websockets.server import ServerProtocol

from netra_contracts.clients import observe
from netra_contracts.clients.connect import MAX_MESSAGE_BYTES
from netra_contracts.protocol.clients import ClientLog, ReadinessResult, ReceivedEvent, Scenario
from tests.unit.clients.served_app import DEADLINE, GOOD, NAMES, Chat, Send, contract, served, tokens


def delivered(chat: Chat, **terms: Any) -> Scenario:
    with served(chat) as port:
        live = observe(port, contract(**terms), tokens)
    assert live.skipped == ""
    assert live.scenarios[0].name == "delivery"
    return live.scenarios[0]


def names(client: ClientLog) -> list[str]:
    return [event.name for event in client.events]


def test_a_good_application_delivers_each_event_once_in_order() -> None:
    scenario = delivered(Chat())

    assert [client.user for client in scenario.clients] == ["alice", "bob", "carol"]
    for client in scenario.clients:
        assert names(client) == list(NAMES)
        assert (client.ended, client.sent, client.status, client.close_code, client.error) == (
            "done",
            1,
            None,
            None,
            "",
        )
        assert all(event.has_canary and not event.foreign_user and not event.is_repeat for event in client.events)
        times = [event.ms for event in client.events]
        assert times == sorted(times)
        assert 0 < times[0] <= times[-1] < 2000
        assert client.ms > 0


def test_a_thousand_users_receive_all_their_events() -> None:
    scenario = delivered(Chat(), users=1000, deadline_s=30.0)

    assert len(scenario.clients) == 1000
    assert all(names(client) == list(NAMES) and client.ended == "done" for client in scenario.clients)


def test_a_dropped_event_is_not_there() -> None:
    scenario = delivered(Chat(script=[item for item in GOOD if item[0] != "tool_completed"]))

    assert names(scenario.clients[0]) == ["agent_started", "agent_thinking", "tool_executing", "agent_completed"]
    assert scenario.clients[0].ended == "done"


def test_without_the_terminal_event_the_deadline_ends_it() -> None:
    scenario = delivered(Chat(script=GOOD[:-1]), deadline_s=0.5)

    assert [(names(client), client.ended) for client in scenario.clients] == [(list(NAMES[:-1]), "deadline")] * 3


def test_order_is_told_as_it_was() -> None:
    swapped = [GOOD[0], GOOD[1], GOOD[3], GOOD[2], GOOD[4]]

    assert names(delivered(Chat(script=swapped)).clients[0]) == [name for name, _ in swapped]


def test_an_event_with_an_id_of_before_repeats() -> None:
    scenario = delivered(Chat(script=[*GOOD[:4], GOOD[3], GOOD[4], GOOD[4]]))

    events = scenario.clients[0].events
    assert [(event.name, event.is_repeat) for event in events[3:]] == [
        ("tool_completed", False),
        ("tool_completed", True),
        ("agent_completed", False),
        ("agent_completed", True),
    ]


def test_events_for_all_are_foreign_to_others() -> None:
    scenario = delivered(Chat(broadcast=True), users=2, run_field="")

    alice, bob = scenario.clients
    assert {event.foreign_user for event in alice.events} == {"", "bob"}
    assert {event.foreign_user for event in bob.events} == {"", "alice"}
    assert [event.name for event in alice.events if not event.foreign_user] == list(NAMES)
    assert not any(event.is_repeat for event in (*alice.events, *bob.events))
    assert len({event.run for event in alice.events}) == 1


def test_an_event_of_two_users_is_foreign() -> None:
    async def run(send: Send, user: str, run: str) -> None:
        other = user.replace("alice", "bob")
        await send({"type": "agent_completed", "data": {"user": user, "others": [other], "run": run}})

    scenario = delivered(Chat(run=run), users=1, deadline_s=0.3)

    assert [(event.foreign_user, event.has_canary) for event in scenario.clients[0].events] == [("bob", True)]
    assert scenario.clients[0].ended == "deadline"


def test_what_is_no_event_has_no_name_and_what_may_be_content_is_not_told() -> None:
    bodies: list[dict[str, Any]] = [
        {"type": 7},
        {"other": "agent_started"},
        {"type": "my secret is 42"},
        {"type": "not.expected:yet"},
        {"type": "agent_completed"},
    ]

    async def run(send: Send, user: str, _: str) -> None:
        for body in bodies:
            await send(body)
        await send({"type": f"to-{user}"})

    scenario = delivered(Chat(run=run), users=1)

    events = scenario.clients[0].events
    assert [event.name for event in events] == ["", "", "<text>", "not.expected:yet", "agent_completed", "<text>"]
    assert [event.has_canary for event in events] == [False] * 5 + [True]


def test_text_that_is_no_json_has_no_name() -> None:
    chat = Chat()

    async def run(send: Send, user: str, _: str) -> None:
        await chat.sockets[user].send_text("{broken")
        await chat.sockets[user].send_bytes(user.encode() + b"\xff")
        await send({"type": "agent_completed"})

    chat.run = run
    scenario = delivered(chat, users=1)

    assert [(event.name, event.has_canary) for event in scenario.clients[0].events] == [
        ("", False),
        ("", True),
        ("agent_completed", False),
    ]


def test_a_close_is_told_with_its_code() -> None:
    chat = Chat()

    async def run(send: Send, user: str, _: str) -> None:
        await send({"type": "agent_started"})
        await chat.sockets[user].close(1011)

    chat.run = run
    client = delivered(chat, users=1).clients[0]

    assert (names(client), client.ended, client.close_code) == (["agent_started"], "closed", 1011)


def test_a_refusal_is_told_with_its_status_and_nothing_more_is_tried() -> None:
    with served(Chat(authenticate=lambda _: None)) as port:
        live = observe(port, contract(reject_bad_tokens=True, burst=3, users=1), tokens)

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


def test_a_redirect_is_a_refusal_and_is_not_followed() -> None:
    with served(Chat()) as elsewhere:
        denial = RedirectResponse(f"http://127.0.0.1:{elsewhere}/ws/someone")
        (client,) = delivered(Chat(denial=denial), users=1).clients

    assert (client.ended, client.status) == ("refused", 307)


def test_a_message_that_is_too_large_is_told_apart_from_a_close_by_the_server() -> None:
    chat = Chat()

    async def run(_: Send, user: str, __: str) -> None:
        await chat.sockets[user].send_text("x" * (MAX_MESSAGE_BYTES + 1))

    chat.run = run
    (client,) = delivered(chat, users=1).clients

    assert (client.ended, client.close_code, client.error) == ("failed", None, "the client had to close with code 1009")


def test_a_connection_that_is_lost_is_closed_without_a_code_of_the_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            accepted, _ = listening.accept()
            server = ServerProtocol()
            server.receive_data(accepted.recv(65536))
            request = server.events_received()[0]
            assert isinstance(request, Request)
            server.send_response(server.accept(request))
            for data in server.data_to_send():
                accepted.sendall(data)
            accepted.recv(65536)
            accepted.close()

        serving = threading.Thread(target=serve)
        serving.start()
        live = observe(listening.getsockname()[1], contract(users=1), tokens)
        serving.join(DEADLINE)

    (client,) = live.scenarios[0].clients
    assert (client.ended, client.close_code, client.sent) == ("closed", 1006, 1)


def test_a_handshake_that_is_not_answered_ends_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        live = observe(listening.getsockname()[1], contract(users=1, deadline_s=0.3, readiness="/readyz"), tokens)

    (client,) = live.scenarios[0].clients
    assert (client.ended, client.sent, client.status) == ("deadline", 0, None)
    assert live.readiness == ReadinessResult(None)


@pytest.mark.skipif(sys.platform == "win32", reason="files are not limited so on Windows")
def test_the_limit_of_open_files_is_raised_as_far_as_users_need() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    try:
        scenario = delivered(Chat(), users=150)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert {client.ended for client in scenario.clients} == {"done"}


def test_users_who_are_accepted_and_closed_at_once_say_nothing_of_tokens() -> None:
    chat = Chat()

    async def run(_: Send, user: str, __: str) -> None:
        await chat.sockets[user].close(1008)

    chat.run = run
    with served(chat) as port:
        live = observe(port, contract(reject_bad_tokens=True), tokens)

    assert [(client.ended, client.close_code) for client in live.scenarios[0].clients] == [("closed", 1008)] * 3
    assert {scenario.skipped for scenario in live.scenarios[1:]} == {"no connection of the delivery stayed open"}


def test_where_nobody_listens_the_client_failed() -> None:
    with served(Chat()) as port:
        pass

    client = observe(port, contract(users=1), tokens).scenarios[0].clients[0]

    assert (client.ended, client.error) == ("failed", "the connection could not be opened: Connection refused")


def test_several_terminal_events_can_be_owed() -> None:
    twice = tuple(
        event.model_copy(update={"at_least": 2, "at_most": 2}) if event.name == NAMES[-1] else event
        for event in contract().expect
    )

    async def run(send: Send, _: str, run: str) -> None:
        for number in range(2):
            await send({"type": NAMES[-1], "data": {"run": run, "id": number}})

    scenario = delivered(Chat(run=run), expect=twice, users=1)

    assert (names(scenario.clients[0]), scenario.clients[0].ended) == ([NAMES[-1]] * 2, "done")


def test_a_burst_is_so_many_runs() -> None:
    with served(Chat()) as port:
        live = observe(port, contract(burst=50), tokens)

    burst = live.scenarios[-1]
    assert burst.name == "burst"
    (client,) = burst.clients
    assert (client.sent, client.ended, len(client.events)) == (50, "done", 250)
    assert [event.run for event in client.events] == [number for number in range(50) for _ in NAMES]
    assert not any(event.is_repeat for event in client.events)


@pytest.mark.parametrize(
    "where",
    [
        {"token_in": "header"},
        {"token_in": "query", "token_name": "access_token"},
        {"token_in": "subprotocol", "token_name": "bearer"},
    ],
)
def test_the_token_goes_where_the_contract_says(where: dict[str, str]) -> None:
    assert delivered(Chat(), users=1, **where).clients[0].ended == "done"


def test_without_a_token_none_is_sent() -> None:
    chat = Chat(authenticate=lambda websocket: None if "authorization" in websocket.headers else {"exp": 2**40})

    with served(chat) as port:
        live = observe(port, contract(token="", users=1), lambda _: pytest.fail("a token was asked for"))

    assert live.scenarios[0].clients[0].ended == "done"


def test_nothing_of_a_token_a_message_or_an_id_is_told() -> None:
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
        live = observe(port, asked, lambda requests: [secret for _ in requests])

    told = json.dumps(asdict(live)) + repr(live)
    assert live.scenarios[0].clients[0].events[0] == ReceivedEvent(
        "<text>", live.scenarios[0].clients[0].events[0].ms, has_canary=True
    )
    assert len(live.scenarios) == 9
    assert ids
    for private in (secret, "distinctive", "private", *ids, *(user.rpartition("-")[2] for user in ids)):
        assert private not in told


def test_a_token_function_that_fails_skips_everything() -> None:
    def broken(requests: Any) -> list[str | None]:
        raise LookupError(f"no key for {requests[0].user_id} beside eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln")

    with served(Chat()) as port:
        live = observe(port, contract(expiry=True), broken)

    assert live.scenarios == ()
    assert live.skipped == "the token function tests:token failed: no key for alice beside ***"


def test_it_works_under_a_running_event_loop() -> None:
    with served(Chat()) as port:

        async def main() -> Any:
            return observe(port, contract(users=1), tokens)

        live = asyncio.run(main())

    assert live.scenarios[0].clients[0].ended == "done"


def test_an_interrupt_ends_it_and_is_passed_on() -> None:
    async def interrupting(_: Send, __: str, ___: str) -> None:
        _thread.interrupt_main()

    chat = Chat(run=interrupting)
    with served(chat) as port:
        with pytest.raises(KeyboardInterrupt):
            observe(port, contract(users=1, deadline_s=600.0), tokens)
        assert chat.left.wait(DEADLINE)


@pytest.mark.parametrize(("ready_after", "first"), [(0, 200), (1, 503)])
def test_readiness_is_asked_until_it_is_there(ready_after: int, first: int) -> None:
    with served(Chat(ready_after=ready_after)) as port:
        seen = observe(port, contract(users=1, readiness="/readyz"), tokens).readiness

    assert seen is not None
    assert (seen.first_status, seen.last_status) == (first, 200)
    assert seen.ready_ms is not None
    assert (seen.ready_ms == 0) is (first == 200)


def test_readiness_that_never_comes_is_not_waited_for() -> None:
    with served(Chat(ready_after=10**6)) as port:
        seen = observe(port, contract(users=1, readiness="/readyz"), tokens).readiness

    assert seen is not None
    assert (seen.first_status, seen.ready_ms, seen.last_status) == (503, None, 503)
