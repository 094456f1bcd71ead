"""How connections are opened, refused and lost."""

from __future__ import annotations

import socket
import threading

import pytest
from starlette.responses import RedirectResponse
from websockets.http11 import Request
from websockets.server import ServerProtocol

from netra_contracts.clients import TargetCalls, observe
from netra_contracts.clients.connect import MAX_MESSAGE_BYTES
from netra_contracts.protocol.observed.clients import ReadinessResult
from tests.unit.clients.served_app import (
    DEADLINE,
    Chat,
    Send,
    contract,
    delivered,
    names,
    served,
    tokens,
)


def test_close_by_the_server_is_recorded_with_its_code() -> None:
    chat = Chat()

    async def run(send: Send, user: str, _: str) -> None:
        await send({"type": "agent_started"})
        await chat.sockets[user].close(1011)

    chat.run = run
    client = delivered(chat, users=1).clients[0]

    assert (names(client), client.ended, client.close_code) == (["agent_started"], "closed", 1011)


def test_redirect_is_a_refusal_and_is_not_followed() -> None:
    with served(Chat()) as elsewhere:
        denial = RedirectResponse(f"http://127.0.0.1:{elsewhere}/ws/someone")
        (client,) = delivered(Chat(denial=denial), users=1).clients

    assert (client.ended, client.status) == ("refused", 307)


def test_too_large_message_is_not_a_close_by_the_server() -> None:
    chat = Chat()

    async def run(_: Send, user: str, __: str) -> None:
        await chat.sockets[user].send_text("x" * (MAX_MESSAGE_BYTES + 1))

    chat.run = run
    (client,) = delivered(chat, users=1).clients

    assert (client.ended, client.close_code, client.error) == ("failed", None, "the client had to close with code 1009")


def test_lost_connection_is_closed_with_code_1006() -> None:
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
            accepted.recv(65536)  # a ping
            accepted.recv(65536)
            accepted.close()

        serving = threading.Thread(target=serve)
        serving.start()
        live = observe(listening.getsockname()[1], contract(users=1), TargetCalls(tokens))
        serving.join(DEADLINE)

    (client,) = live.scenarios[0].clients
    assert (client.ended, client.close_code, client.sent) == ("closed", 1006, 1)


def test_unanswered_handshake_ends_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        live = observe(
            listening.getsockname()[1], contract(users=1, deadline_s=1.0, readiness="/readyz"), TargetCalls(tokens)
        )

    (client,) = live.scenarios[0].clients
    assert (client.ended, client.sent, client.status) == ("deadline", 0, None)
    assert live.readiness == ReadinessResult(None)


def test_client_fails_if_no_server_listens() -> None:
    with served(Chat()) as port:
        pass

    client = observe(port, contract(users=1), TargetCalls(tokens)).scenarios[0].clients[0]

    assert (client.ended, client.error) == ("failed", "the connection could not be opened: Connection refused")


@pytest.mark.parametrize(
    "where",
    [
        {"token_in": "header"},
        {"token_in": "query", "token_name": "access_token"},
        {"token_in": "subprotocol", "token_name": "bearer"},
    ],
)
def test_token_is_sent_where_the_contract_says(where: dict[str, str]) -> None:
    assert delivered(Chat(), users=1, **where).clients[0].ended == "done"


def test_without_a_token_function_no_token_is_sent() -> None:
    chat = Chat(authenticate=lambda websocket: None if "authorization" in websocket.headers else {"exp": 2**40})

    with served(chat) as port:
        live = observe(port, contract(token="", users=1), TargetCalls(lambda _: pytest.fail("a token was requested")))

    assert live.scenarios[0].clients[0].ended == "done"
