"""Decides what becomes of a message."""

from __future__ import annotations

from netra_contracts.reference.context import UserExecutionContext
from netra_contracts.reference.engine import ExecutionEngineFactory


class Supervisor:
    """Handles the messages of one run."""

    def __init__(self, context: UserExecutionContext, engine_factory: ExecutionEngineFactory) -> None:
        self._context = context
        self._engine_factory = engine_factory

    async def handle(self, message: str) -> str:
        """Run an engine for a message, and let it go whatever happens."""
        engine = self._engine_factory.create_for_user(self._context)
        try:
            return await engine.run(message)
        finally:
            self._engine_factory.cleanup_engine(engine)


class SupervisorFactory:
    """Makes a supervisor for each run."""

    def __init__(self, execution_engine_factory: ExecutionEngineFactory) -> None:
        self._execution_engine_factory = execution_engine_factory

    def create_for_user(self, context: UserExecutionContext) -> Supervisor:
        """A new supervisor for one run of one user."""
        return Supervisor(context, self._execution_engine_factory)
