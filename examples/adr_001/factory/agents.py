"""Agents of one user each, the factory that creates them, and the function that the handlers call to get it."""

from __future__ import annotations

from fastapi import WebSocket


class ConnectionPool:
    """The open connections, by user."""

    def __init__(self) -> None:
        self._connections: dict[str, list[WebSocket]] = {}

    def add(self, user_id: str, connection: WebSocket) -> None:
        self._connections.setdefault(user_id, []).append(connection)

    def of(self, user_id: str) -> list[WebSocket]:
        return list(self._connections.get(user_id, ()))


class AgentWebSocketBridge:
    """Sends events to all connections of a user."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool

    async def emit_event(self, user_id: str, event: str, data: dict[str, object]) -> None:
        for connection in self._pool.of(user_id):
            await connection.send_json({"type": event, "data": data})


class Agent:
    """Answers messages of one user."""

    def __init__(self, user_id: str, bridge: AgentWebSocketBridge) -> None:
        self._user_id = user_id
        self._bridge = bridge

    async def run(self, message: str) -> None:
        await self._bridge.emit_event(self._user_id, "agent_started", {})
        await self._bridge.emit_event(self._user_id, "agent_completed", {"answer": message[::-1]})


class AgentInstanceFactory:
    """Creates an agent for each user."""

    def __init__(self, websocket_bridge: AgentWebSocketBridge) -> None:
        self._websocket_bridge = websocket_bridge

    def create_for_user(self, user_id: str) -> Agent:
        return Agent(user_id, self._websocket_bridge)


_factory: AgentInstanceFactory | None = None


def configure_agent_instance_factory(websocket_bridge: AgentWebSocketBridge) -> AgentInstanceFactory:
    global _factory
    _factory = AgentInstanceFactory(websocket_bridge)
    return _factory


def get_agent_instance_factory() -> AgentInstanceFactory:
    if _factory is None:
        raise RuntimeError("startup has not configured the factory of agents")
    return _factory
