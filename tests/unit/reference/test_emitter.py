"""The history of an emitter."""

from __future__ import annotations

import asyncio

from netra_contracts.reference.pool import WebSocketConnectionPool
from tests.unit.reference.connections import emitter_for


def test_history_has_the_latest_events_of_the_run() -> None:
    pool = WebSocketConnectionPool()
    ada, bob = emitter_for("ada", pool, history_size=2), emitter_for("bob", pool)

    async def emit() -> None:
        await ada.notify_agent_started("scripted")
        await bob.notify_agent_thinking("hm")
        await ada.notify_agent_failed("no reason")
        await ada.notify_agent_completed("done")

    asyncio.run(emit())
    assert ada.history == ("agent_failed", "agent_completed")
    assert bob.history == ("agent_thinking",)
