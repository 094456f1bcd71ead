"""Decides what becomes of a message."""

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
        """Answer a message with an engine that is let go whatever happens.

        Raises:
            ExecutionEngineFactoryError: if no engine can be had, after the user was told.
            Exception: what the agent raised, after the user was told.
        """
        try:
            async with self._engine_factory.user_execution_scope(self.context) as engine:
                return await engine.run(message)
        except ExecutionEngineFactoryError as error:
            await self._bridge.emit_event("run_refused", {"reason": str(error)})
            raise


class SupervisorFactory:
    """Makes a supervisor for each run.

    Args:
        websocket_bridge: makes the bridges over which supervisors tell what becomes of a message before a run begins.
        execution_engine_factory: makes the engines.
    """

    def __init__(
        self, websocket_bridge: WebSocketBridgeFactory, execution_engine_factory: ExecutionEngineFactory
    ) -> None:
        self._websocket_bridge = websocket_bridge
        self._execution_engine_factory = execution_engine_factory

    def create_for_user(self, context: UserExecutionContext) -> Supervisor:
        """A new supervisor for one run of one user."""
        bridge = self._websocket_bridge.create_for_user(context)
        return Supervisor(context, bridge, self._execution_engine_factory)
