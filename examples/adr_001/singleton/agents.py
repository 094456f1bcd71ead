"""The agent, and the bridge that carries its events to the user."""

from __future__ import annotations

from fastapi import WebSocket


class AgentWebSocketBridge:
    """Sends events to the user whose run began last."""

    def __init__(self) -> None:
        self._connections: dict[str, WebSocket] = {}
        self._user_id = ""

    def connect(self, user_id: str, connection: WebSocket) -> None:
        self._connections[user_id] = connection

    def begin_run(self, user_id: str) -> None:
        self._user_id = user_id

    async def emit_event(self, event: str, data: dict[str, object]) -> None:
        await self._connections[self._user_id].send_json({"type": event, "data": data})


class Agent:
    """Answers a message."""

    def __init__(self, bridge: AgentWebSocketBridge) -> None:
        self._bridge = bridge

    async def run(self, user_id: str, message: str) -> None:
        self._bridge.begin_run(user_id)
        await self._bridge.emit_event("agent_started", {})
        await self._bridge.emit_event("agent_completed", {"answer": message[::-1]})


class AgentRegistry:
    """Has one agent for all users."""

    instance: AgentRegistry | None = None

    def __init__(self, bridge: AgentWebSocketBridge) -> None:
        self._agent = Agent(bridge)

    def agent_for(self, user_id: str) -> Agent:
        return self._agent


bridge = AgentWebSocketBridge()


def start_agents() -> None:
    AgentRegistry.instance = AgentRegistry(bridge)
