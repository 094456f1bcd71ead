"""The services of a small chat backend."""

from __future__ import annotations

from fastapi import WebSocket


class WebSocketConnectionPool:
    """The open connections, by user."""

    def __init__(self) -> None:
        self._connections: dict[str, list[WebSocket]] = {}

    def add_connection(self, user_id: str, connection: WebSocket) -> None:
        self._connections.setdefault(user_id, []).append(connection)

    def remove_connection(self, user_id: str, connection: WebSocket) -> None:
        self._connections[user_id].remove(connection)

    def get_connections(self, user_id: str) -> list[WebSocket]:
        return list(self._connections.get(user_id, ()))


class AgentWebSocketBridge:
    """Carries the events of agents to the users they work for."""

    def __init__(self, connection_pool: WebSocketConnectionPool) -> None:
        self._connection_pool = connection_pool

    async def emit_event(self, user_id: str, event: str, data: dict[str, object]) -> None:
        for connection in self._connection_pool.get_connections(user_id):
            await connection.send_json({"type": event, "data": data})


class ExecutionEngine:
    """Runs an agent for one user."""

    def __init__(self, user_id: str, websocket_bridge: AgentWebSocketBridge | None) -> None:
        self._user_id = user_id
        self._websocket_bridge = websocket_bridge

    async def run(self, message: str) -> None:
        await self._tell("agent_started", {})
        await self._tell("agent_completed", {"answer": message[::-1]})

    async def _tell(self, event: str, data: dict[str, object]) -> None:
        if self._websocket_bridge is not None:
            await self._websocket_bridge.emit_event(self._user_id, event, data)


class ExecutionEngineFactory:
    """Creates an engine for each user. Without a bridge its engines run, but clients receive no events."""

    def __init__(self, websocket_bridge: AgentWebSocketBridge | None = None) -> None:
        self._websocket_bridge = websocket_bridge

    def create_for_user(self, user_id: str) -> ExecutionEngine:
        return ExecutionEngine(user_id, self._websocket_bridge)
