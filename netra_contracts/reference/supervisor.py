"""Supervisors handle messages."""

from __future__ import annotations

from netra_contracts.reference.bridge import AgentWebSocketBridge, WebSocketBridgeFactory
from netra_contracts.reference.context import UserExecutionContext
from netra_contracts.reference.engine import ExecutionEngineFactory, ExecutionEngineFactoryError


class Supervisor:
    """Handles the message of one run."""

    def __init__(
        self, context: UserExecutionContext, bridge: AgentWebSocketBridge, engine_factory: ExecutionEngineFactory
    ) -> None:
        self.context = context
        self._bridge = bridge
        self._engine_factory = engine_factory

    async def handle(self, message: str) -> str:
        """Answer a message with an engine that is always released.

        Raises:
            ExecutionEngineFactoryError: if no engine is available, after the event `run_refused` was sent.
            Exception: as raised by the agent, after the event `agent_failed` was sent.
        """
        try:
            async with self._engine_factory.user_execution_scope(self.context) as engine:
                return await engine.run(message)
        except ExecutionEngineFactoryError as error:
            await self._bridge.emit_event("run_refused", {"reason": str(error)})
            raise


class SupervisorFactory:
    """Creates a supervisor for each run.

    Args:
        websocket_bridge: creates the bridges over which supervisors report messages that are refused.
        execution_engine_factory: creates the engines.
    """

    def __init__(
        self, websocket_bridge: WebSocketBridgeFactory, execution_engine_factory: ExecutionEngineFactory
    ) -> None:
        self._websocket_bridge = websocket_bridge
        self._execution_engine_factory = execution_engine_factory

    def create_for_user(self, context: UserExecutionContext) -> Supervisor:
        """Return a new supervisor for one run of one user."""
        bridge = self._websocket_bridge.create_for_user(context)
        return Supervisor(context, bridge, self._execution_engine_factory)
