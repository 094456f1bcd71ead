"""Runs agents, each for one user."""

from __future__ import annotations

from netra_contracts.reference.bridge import AgentWebSocketBridge, WebSocketBridgeFactory
from netra_contracts.reference.context import UserExecutionContext


class ExecutionEngineFactoryError(RuntimeError):
    """The factory cannot do its work. Said at startup, not in a user's first request."""


class UserExecutionEngine:
    """Carries out one run and tells its user of each step."""

    def __init__(self, context: UserExecutionContext, bridge: AgentWebSocketBridge) -> None:
        self.context = context
        self._bridge = bridge

    async def run(self, message: str) -> str:
        """Answer a message.

        Returns:
            The answer, which the last event carries as well.
        """
        await self._bridge.emit_event("agent_started", {})
        await self._bridge.emit_event("agent_thinking", {"characters": len(message)})
        answer = message[::-1]
        await self._bridge.emit_event("agent_completed", {"answer": answer})
        return answer


class ExecutionEngineFactory:
    """Makes an engine for each run, with a bridge of its own.

    Raises:
        ExecutionEngineFactoryError: if there is no bridge factory.
    """

    def __init__(self, websocket_bridge_factory: WebSocketBridgeFactory | None) -> None:
        if websocket_bridge_factory is None:
            raise ExecutionEngineFactoryError(
                "an engine factory without a bridge factory would run agents whose users see nothing: "
                "build the bridge factory first"
            )
        self._websocket_bridge_factory = websocket_bridge_factory
        self._engines: set[UserExecutionEngine] = set()

    def create_for_user(self, context: UserExecutionContext) -> UserExecutionEngine:
        """A new engine for one run of one user; `cleanup_engine` lets it go."""
        engine = UserExecutionEngine(context, self._websocket_bridge_factory.create_for_user(context))
        self._engines.add(engine)
        return engine

    def cleanup_engine(self, engine: UserExecutionEngine) -> None:
        """Forget an engine, so that nothing of its user stays."""
        self._engines.discard(engine)

    @property
    def active(self) -> int:
        """How many engines have not been cleaned up."""
        return len(self._engines)
