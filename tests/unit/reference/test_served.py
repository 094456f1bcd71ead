"""The reference, served for real: its startup, its health, and the events of an agent on real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
import uvicorn
from websockets.sync.client import ClientConnection, connect

from netra_contracts.reference import create_app
from netra_contracts.reference.engine import ExecutionEngineFactoryError

DEADLINE = 10.0
RUN = ["agent_started", "agent_thinking", "agent_completed"]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Host and port of the served reference. The socket listens before the server runs, so clients need not wait."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(create_app(), lifespan="on", log_level="warning"))
        serving = threading.Thread(target=server.run, args=([listening],), daemon=True)
        serving.start()
        host, port = listening.getsockname()
        yield f"{host}:{port}"
        server.should_exit = True
        serving.join(DEADLINE)
        assert not serving.is_alive()


def health(address: str) -> dict[str, int]:
    connection = HTTPConnection(address, timeout=DEADLINE)
    try:
        connection.request("GET", "/health")
        response = connection.getresponse()
        assert response.status == 200
        return dict(json.load(response))
    finally:
        connection.close()


def client(address: str, user_id: str) -> ClientConnection:
    """A client with a socket of our own: whatever proxy this machine uses, the server is here."""
    host, port = address.split(":")
    open_socket = socket.create_connection((host, int(port)), timeout=DEADLINE)
    return connect(f"ws://{address}/ws/{user_id}", sock=open_socket, open_timeout=DEADLINE)


def events(connection: ClientConnection, count: int) -> list[Any]:
    return [json.loads(connection.recv(DEADLINE)) for _ in range(count)]


def test_health_answers_from_what_the_startup_built(address: str) -> None:
    assert health(address) == {"users": 0, "engines": 0}


def test_message_is_told_event_by_event(address: str) -> None:
    with client(address, "ada") as connection:
        connection.send("hello")
        told = events(connection, len(RUN))
        assert health(address) == {"users": 1, "engines": 0}
    assert [event["type"] for event in told] == RUN
    assert [event["sequence"] for event in told] == [1, 2, 3]
    assert len({event["run_id"] for event in told}) == 1
    assert told[-1]["data"] == {"answer": "olleh"}


def test_each_message_is_a_run_of_its_own(address: str) -> None:
    with client(address, "ada") as connection:
        connection.send("one")
        first = events(connection, len(RUN))
        connection.send("two")
        second = events(connection, len(RUN))
    assert first[0]["run_id"] != second[0]["run_id"]
    assert second[0]["sequence"] == 1


def test_two_users_each_see_their_own(address: str) -> None:
    with client(address, "ada") as ada, client(address, "bob") as bob:
        ada.send("abc")
        bob.send("xyz")
        of_ada, of_bob = events(ada, len(RUN)), events(bob, len(RUN))
        ada.send("def")
        assert events(ada, len(RUN))[-1]["data"] == {"answer": "fed"}
    assert {event["user_id"] for event in of_ada} == {"ada"}
    assert {event["user_id"] for event in of_bob} == {"bob"}
    assert of_ada[-1]["data"] == {"answer": "cba"}
    assert of_bob[-1]["data"] == {"answer": "zyx"}


def test_all_sockets_of_a_user_see_the_run(address: str) -> None:
    with client(address, "ada") as desk, client(address, "ada") as phone:
        phone.send("hi")
        on_phone = events(phone, len(RUN))
        desk.send("hi")
        on_desk = events(desk, len(RUN))
    assert [event["type"] for event in on_phone] == RUN
    assert [event["type"] for event in on_desk] == RUN


def test_startup_that_cannot_build_a_bridge_factory_ends_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netra_contracts.reference.startup.WebSocketBridgeFactory", lambda pool: None)
    app = create_app()

    async def start() -> None:
        async with app.router.lifespan_context(app):
            pass

    with pytest.raises(ExecutionEngineFactoryError):
        asyncio.run(start())
    assert not hasattr(app.state, "execution_engine_factory")
