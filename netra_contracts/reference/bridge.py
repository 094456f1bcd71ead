"""The bridge from an agent to the connections of one user."""

from __future__ import annotations

import json
from collections.abc import Mapping

from netra_contracts.reference.context import UserExecutionContext
from netra_contracts.reference.pool import WebSocketConnectionPool


class AgentWebSocketBridge:
    """Sends the events of one run to the connections of its user, in order, numbered from 1."""

    def __init__(self, context: UserExecutionContext, connection_pool: WebSocketConnectionPool) -> None:
        self.context = context
        self._connection_pool = connection_pool
        self._sequence = 0

    async def emit_event(self, event: str, data: Mapping[str, object]) -> int:
        """Send an event to all connections of the user, without waiting for any of them to read.

        Returns:
            Number of connections that queued it.
        """
        self._sequence += 1
        text = json.dumps(
            {
                "type": event,
                "user_id": self.context.user_id,
                "thread_id": self.context.thread_id,
                "run_id": self.context.run_id,
                "request_id": self.context.request_id,
                "sequence": self._sequence,
                "data": data,
            }
        )
        return sum(connection.send(text) for connection in self._connection_pool.get_connections(self.context.user_id))


class WebSocketBridgeFactory:
    """Creates a bridge for each run. All users share the factory, so it holds only the pool."""

    def __init__(self, connection_pool: WebSocketConnectionPool) -> None:
        self._connection_pool = connection_pool

    def create_for_user(self, context: UserExecutionContext) -> AgentWebSocketBridge:
        """Return a new bridge for one run of one user."""
        return AgentWebSocketBridge(context, self._connection_pool)
