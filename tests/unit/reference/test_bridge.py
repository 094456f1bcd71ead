"""Events from an agent to the connections of one user."""

from __future__ import annotations

import asyncio

from netra_contracts.reference.bridge import WebSocketBridgeFactory
from netra_contracts.reference.pool import WebSocketConnectionPool
from tests.unit.reference.connections import StoringConnection, context


def test_event_has_sequence_number_and_ids_of_its_run() -> None:
    pool = WebSocketConnectionPool()
    mine, others = StoringConnection(), StoringConnection()
    pool.add_connection("ada", mine)
    pool.add_connection("bob", others)
    bridge = WebSocketBridgeFactory(pool).create_for_user(context("ada"))

    async def emit() -> list[int]:
        return [
            await bridge.emit_event("agent_started", {}),
            await bridge.emit_event("agent_completed", {"answer": "x"}),
        ]

    assert asyncio.run(emit()) == [1, 1]
    owner = {"user_id": "ada", "thread_id": "thread-of-ada", "run_id": "run-1", "request_id": "request-of-run-1"}
    assert mine.sent == [
        {"type": "agent_started", **owner, "sequence": 1, "data": {}},
        {"type": "agent_completed", **owner, "sequence": 2, "data": {"answer": "x"}},
    ]
    assert others.sent == []


def test_emit_event_returns_0_without_connections() -> None:
    bridge = WebSocketBridgeFactory(WebSocketConnectionPool()).create_for_user(context("ada"))
    assert asyncio.run(bridge.emit_event("agent_started", {})) == 0


def test_connection_that_closes_during_an_event_does_not_affect_others() -> None:
    pool = WebSocketConnectionPool()
    last = StoringConnection()

    class Closing(StoringConnection):
        def send(self, text: str) -> bool:
            pool.remove_connection("ada", self)
            return False

    pool.add_connection("ada", Closing())
    pool.add_connection("ada", last)
    bridge = WebSocketBridgeFactory(pool).create_for_user(context("ada"))
    assert asyncio.run(bridge.emit_event("agent_started", {})) == 1
    assert len(last.sent) == 1
