"""The served reference application: startup, routes, and the events of an agent on real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from netra_contracts.reference import create_app
from netra_contracts.reference.__main__ import listen
from netra_contracts.reference.auth import token_for
from netra_contracts.reference.chat import MAX_CONTENT, parse_message
from netra_contracts.reference.engine import ExecutionEngineFactoryError
from netra_contracts.reference.startup import COMPONENTS
from tests.unit.reference.connections import DEADLINE, RUN
from tests.unit.reference.test_auth import BAD_TOKENS

BURST = 50


@dataclass(frozen=True)
class Served:
    """The served application: host and port, and the application object."""

    address: str
    app: Starlette


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """The socket listens before the server runs, so that the first request waits for the startup."""
    app = create_app()
    with listen("127.0.0.1", 0) as listening:
        server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_level="warning", timeout_graceful_shutdown=5))
        serving = threading.Thread(target=server.run, args=([listening],), daemon=True)
        serving.start()
        host, port = listening.getsockname()
        address = f"{host}:{port}"
        assert get(address, "/ready")[0] == 200
        yield Served(address, app)
        server.should_exit = True
        serving.join(DEADLINE)
        assert not serving.is_alive()


def get(address: str, path: str) -> tuple[int, Any]:
    connection = HTTPConnection(address, timeout=DEADLINE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, json.load(response)
    finally:
        connection.close()


def client(address: str, token: str | None, query: str = "", **options: Any) -> ClientConnection:
    """A client with its own socket, so that no proxy is used."""
    host, port = address.split(":")
    open_socket = options.pop("sock", None) or socket.create_connection((host, int(port)), timeout=DEADLINE)
    open_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # With a full queue, a client would not notice that its socket is closed.
    options.setdefault("max_queue", None)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    connection: ClientConnection = connect(
        f"ws://{address}/ws{query}",
        sock=open_socket,
        open_timeout=DEADLINE,
        additional_headers=headers,
        compression=None,
        **options,
    )
    return connection


def say(connection: ClientConnection, content: str) -> None:
    connection.send(json.dumps({"type": "user_message", "content": content}))


def events(connection: ClientConnection, count: int = len(RUN)) -> list[Any]:
    return [json.loads(connection.recv(DEADLINE)) for _ in range(count)]


def read_to_the_end(connection: ClientConnection) -> tuple[list[Any], int | None]:
    """The events until the server closes the connection, and the close code."""
    received: list[Any] = []
    try:
        while True:
            received += events(connection, 1)
    except ConnectionClosed as closed:
        return received, closed.rcvd.code if closed.rcvd else None


def wait_until_connected(served: Served, user_id: str, count: int) -> None:
    """Wait until the server has this number of connections of a user."""
    deadline = time.monotonic() + DEADLINE
    while len(served.app.state.websocket_connection_pool.get_connections(user_id)) != count:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_served_application_is_alive_and_ready(served: Served) -> None:
    assert get(served.address, "/health") == (200, {"status": "alive"})
    assert get(served.address, "/ready") == (200, {"ready": True, "missing": []})


@pytest.mark.parametrize("name", COMPONENTS)
def test_application_without_a_component_is_alive_and_not_ready(
    served: Served, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(served.app.state._state, name, None)
    assert get(served.address, "/health")[0] == 200
    assert get(served.address, "/ready") == (503, {"ready": False, "missing": [name]})


def test_message_is_answered_with_the_events_of_one_run(served: Served) -> None:
    with client(served.address, token_for("eve")) as connection:
        say(connection, "hello")
        received = events(connection)
    assert [event["type"] for event in received] == RUN
    assert [event["sequence"] for event in received] == [1, 2, 3, 4, 5]
    assert {event["user_id"] for event in received} == {"eve"}
    for name in ("thread_id", "run_id", "request_id"):
        ids = {event[name] for event in received}
        assert len(ids) == 1
        assert ids != {""}
    assert received[2]["data"] == {"tool": "search_messages", "arguments": {"text": "hello"}}
    assert received[3]["data"] == {"tool": "search_messages", "result": {"found": 1}}
    assert received[4]["data"] == {"answer": '"hello": said in 1 of your messages, this one included.'}


def test_each_message_starts_a_new_run_in_the_same_thread(served: Served) -> None:
    with client(served.address, token_for("ada")) as connection:
        say(connection, "one")
        first = events(connection)
        say(connection, "two")
        second = events(connection)
    assert first[0]["run_id"] != second[0]["run_id"]
    assert first[0]["thread_id"] == second[0]["thread_id"]
    assert second[0]["sequence"] == 1


def test_users_receive_only_their_own_events(served: Served) -> None:
    with client(served.address, token_for("ann")) as ann, client(served.address, token_for("bob")) as bob:
        for _ in range(5):
            say(ann, "secret of ann")
            say(bob, "secret of bob")
        of_ann, of_bob = events(ann, 5 * len(RUN)), events(bob, 5 * len(RUN))
    assert {event["user_id"] for event in of_ann} == {"ann"}
    assert {event["user_id"] for event in of_bob} == {"bob"}
    assert "bob" not in json.dumps(of_ann)
    assert "ann" not in json.dumps(of_bob)


def test_all_sockets_of_a_user_receive_the_events(served: Served) -> None:
    with client(served.address, token_for("ada")) as desk, client(served.address, token_for("ada")) as phone:
        wait_until_connected(served, "ada", 2)
        say(phone, "hi")
        on_phone, on_desk = events(phone), events(desk)
    assert [event["type"] for event in on_phone] == RUN
    assert on_phone == on_desk


def test_burst_of_runs_delivers_every_event_in_order(served: Served) -> None:
    with client(served.address, token_for("ada")) as connection:
        for number in range(BURST):
            say(connection, f"message {number}")
        received = events(connection, BURST * len(RUN))
    runs = defaultdict(list)
    for event in received:
        runs[event["run_id"]].append((event["sequence"], event["type"]))
    assert len(runs) == BURST
    assert all(run == list(enumerate(RUN, start=1)) for run in runs.values())


@pytest.mark.parametrize("kind", [*BAD_TOKENS, "none"])
def test_bad_token_is_refused_before_the_socket_is_accepted(served: Served, kind: str) -> None:
    token = None if kind == "none" else BAD_TOKENS[kind]()
    with pytest.raises(InvalidStatus) as refused:
        client(served.address, token)
    assert refused.value.response.status_code == 403


def test_token_in_subprotocols_or_query_is_accepted(served: Served) -> None:
    with client(served.address, None, subprotocols=["bearer", token_for("ada")]) as connection:
        assert connection.subprotocol == "bearer"
        say(connection, "hello")
        assert events(connection)[-1]["user_id"] == "ada"
    with client(served.address, None, query=f"?token={token_for('bob')}") as connection:
        assert connection.subprotocol is None
        say(connection, "hello")
        assert events(connection)[-1]["user_id"] == "bob"


def test_socket_is_closed_when_its_token_expires(served: Served) -> None:
    expires_at = int(time.time()) + 2
    with client(served.address, token_for("ada", exp=expires_at)) as connection:
        say(connection, "in time")
        assert [event["type"] for event in events(connection)] == RUN
        assert read_to_the_end(connection) == ([], 4401)
        assert time.time() >= expires_at - 0.01
    wait_until_connected(served, "ada", 0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "{}",
        '{"type": "user_message"}',
        '{"type": "user_message", "content": " "}',
        '{"type": "user_message", "content": 1}',
        '{"type": "other", "content": "hello"}',
        '{"type": "user_message", "content": "\\ud800"}',
        json.dumps({"type": "user_message", "content": "x" * (MAX_CONTENT + 1)}),
        "[" * 100_000,
    ],
)
def test_malformed_message_is_answered_with_an_error(served: Served, text: str) -> None:
    with client(served.address, token_for("ada")) as connection:
        connection.send(text)
        (error,) = events(connection, 1)
        assert error["type"] == "error"
        assert error["reason"]
        say(connection, "hello")
        assert [event["type"] for event in events(connection)] == RUN


def test_binary_message_is_malformed(served: Served) -> None:
    with client(served.address, token_for("ada")) as connection:
        connection.send(b"\x00")
        assert events(connection, 1)[0]["type"] == "error"


def test_message_of_maximum_length_is_accepted() -> None:
    text = json.dumps({"type": "user_message", "content": "x" * MAX_CONTENT})
    assert parse_message(text) == "x" * MAX_CONTENT


def slow_client(address: str, token: str) -> ClientConnection:
    """A client that reads one message only and has a small receive buffer."""
    host, port = address.split(":")
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    small.settimeout(DEADLINE)
    small.connect((host, int(port)))
    return client(address, token, sock=small, max_queue=1, ping_interval=None)


def test_slow_reader_is_disconnected_and_delays_no_other_client(served: Served) -> None:
    pool = served.app.state.websocket_connection_pool
    with slow_client(served.address, token_for("sam")) as slow, client(served.address, token_for("sam")) as good:
        wait_until_connected(served, "sam", 2)
        runs = 0
        deadline = time.monotonic() + 3 * DEADLINE
        while len(pool.get_connections("sam")) == 2:
            assert time.monotonic() < deadline
            say(good, f"{runs}" + "x" * 20_000)
            assert [event["type"] for event in events(good)] == RUN
            runs += 1
        say(good, "still here")
        assert [event["type"] for event in events(good)] == RUN
        seen, code = read_to_the_end(slow)
    assert code == 1013
    assert [event["type"] for event in seen] == [*RUN * runs][: len(seen)]
    assert len(seen) < runs * len(RUN)


def test_old_socket_that_closes_late_keeps_the_new_one_connected(served: Served) -> None:
    with client(served.address, token_for("ada")) as old, client(served.address, token_for("ada")) as new:
        wait_until_connected(served, "ada", 2)
        old.close()
        wait_until_connected(served, "ada", 1)
        say(new, "hello")
        assert [event["type"] for event in events(new)] == RUN


def test_user_who_reconnects_during_a_run_is_served(served: Served) -> None:
    with client(served.address, token_for("ada")) as dropped:
        for _ in range(BURST):
            say(dropped, "before")
        # Without a closing handshake.
        dropped.socket.shutdown(socket.SHUT_RDWR)
        with client(served.address, token_for("ada")) as again:
            say(again, "after")
            received = events(again, 1)
            # What is left of the runs before comes as well: they are the user's.
            while "after" not in received[-1]["data"].get("answer", ""):
                received += events(again, 1)
            assert [event["type"] for event in received if event["run_id"] == received[-1]["run_id"]] == RUN
    wait_until_connected(served, "ada", 0)
    deadline = time.monotonic() + DEADLINE
    while served.app.state.execution_engine_factory.active:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_application_that_was_not_started_is_not_ready() -> None:
    app = create_app()
    answers: list[Any] = []

    async def ask() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request"}

        async def send(message: Any) -> None:
            answers.append(message)

        scope = {"type": "http", "method": "GET", "path": "/ready", "headers": [], "query_string": b""}
        await app(scope, receive, send)

    asyncio.run(ask())
    assert answers[0]["status"] == 503
    assert json.loads(answers[1]["body"])["missing"] == [*COMPONENTS, "startup_complete"]


def test_shutdown_ends_all_tasks_and_threads() -> None:
    app = create_app()
    before = set(threading.enumerate())

    async def start_and_stop() -> set[str]:
        tasks = set(asyncio.all_tasks())
        async with app.router.lifespan_context(app):
            assert set(asyncio.all_tasks()) > tasks
        return {task.get_name() for task in set(asyncio.all_tasks()) - tasks}

    assert asyncio.run(start_and_stop()) == set()
    assert set(threading.enumerate()) <= before


def test_startup_fails_without_a_bridge_factory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netra_contracts.reference.startup.WebSocketBridgeFactory", lambda pool: None)
    app = create_app()
    before = set(threading.enumerate())

    async def start() -> None:
        async with app.router.lifespan_context(app):
            pass

    with pytest.raises(ExecutionEngineFactoryError):
        asyncio.run(start())
    assert not hasattr(app.state, "execution_engine_factory")
    assert set(threading.enumerate()) <= before


def test_module_serves_and_prints_a_valid_token() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "netra_contracts.reference", "--port", "0"], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            address = process.stderr.readline().strip().removeprefix("ws://").removesuffix("/ws")
            token = process.stderr.readline().strip().removeprefix("Authorization: Bearer ")
            with client(address, token) as connection:
                say(connection, "hello")
                assert [event["user_id"] for event in events(connection)] == ["demo"] * len(RUN)
        finally:
            process.terminate()
        assert process.wait(DEADLINE) is not None
        assert "Traceback" not in process.stderr.read()
