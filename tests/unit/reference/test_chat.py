"""The end of a conversation: its runs end with it, and no object of it remains."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette

from netra_contracts.reference import create_app
from netra_contracts.reference.auth import token_for
from tests.unit.reference.connections import Hanging, until


class Client:
    """A client of one socket that exchanges ASGI messages with the application."""

    def __init__(self, app: Starlette, token: str) -> None:
        self.sent: list[Any] = []
        self._received: asyncio.Queue[Any] = asyncio.Queue()
        self._received.put_nowait({"type": "websocket.connect"})
        scope = {
            "type": "websocket",
            "path": "/ws",
            "query_string": b"",
            "subprotocols": [],
            "headers": [(b"authorization", f"Bearer {token}".encode())],
        }
        self.serving = asyncio.create_task(self._serve(app, scope))

    def say(self, content: str) -> None:
        """Send a message."""
        text = json.dumps({"type": "user_message", "content": content})
        self._received.put_nowait({"type": "websocket.receive", "text": text})

    def leave(self) -> None:
        """Disconnect."""
        self._received.put_nowait({"type": "websocket.disconnect", "code": 1001})

    async def _serve(self, app: Starlette, scope: dict[str, Any]) -> None:
        async def send(message: Any) -> None:
            self.sent.append(message)

        await app(scope, self._received.get, send)


@asynccontextmanager
async def hanging(monkeypatch: pytest.MonkeyPatch, token: str) -> AsyncIterator[tuple[Starlette, Client]]:
    """A started application whose agent never answers, and a client that waits for it."""
    monkeypatch.setattr("netra_contracts.reference.startup.rehearse", _no_rehearsal)
    monkeypatch.setattr("netra_contracts.reference.startup.ScriptedAgent", Hanging)
    app = create_app()
    tasks = asyncio.all_tasks()
    async with app.router.lifespan_context(app):
        client = Client(app, token)
        client.say("hello")
        await until(lambda: app.state.execution_engine_factory.active == 1)
        yield app, client
        assert app.state.execution_engine_factory.active == 0
        assert app.state.websocket_connection_pool.users == 0
    assert asyncio.all_tasks() == tasks


async def _no_rehearsal(_: object) -> None:
    """The rehearsal of an agent that hangs would not end."""


def test_cancelled_endpoint_cancels_its_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    async def use() -> None:
        async with hanging(monkeypatch, token_for("ada")) as (_, client):
            client.serving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await client.serving

    asyncio.run(use())


def test_expired_token_ends_the_runs_and_closes_the_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    async def use() -> None:
        async with hanging(monkeypatch, token_for("ada", exp=int(time.time()) + 2)) as (_, client):
            await until(client.serving.done)
            assert client.sent[-1]["type"] == "websocket.close"
            assert client.sent[-1]["code"] == 4401

    asyncio.run(use())


def test_runs_of_a_closed_socket_may_end_within_the_grace_period(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netra_contracts.reference.chat.RUN_GRACE_S", 0.05)

    async def use() -> None:
        async with hanging(monkeypatch, token_for("ada")) as (app, client):
            client.leave()
            await until(lambda: app.state.websocket_connection_pool.users == 0)
            await until(client.serving.done)
            assert "websocket.close" not in [message["type"] for message in client.sent]

    asyncio.run(use())
