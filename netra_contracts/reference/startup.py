"""The startup, in four phases: each stands on the ones before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from netra_contracts.declare import Phase, startup_phase
from netra_contracts.reference.bridge import WebSocketBridgeFactory
from netra_contracts.reference.context import UserExecutionContext
from netra_contracts.reference.engine import ExecutionEngineFactory
from netra_contracts.reference.pool import WebSocketConnectionPool
from netra_contracts.reference.supervisor import SupervisorFactory


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Build what the application serves with."""
    state = app.state
    async with startup_phase(app, Phase.INITIALIZATION):
        state.websocket_connection_pool = WebSocketConnectionPool()
    async with startup_phase(app, Phase.CONFIGURATION):
        state.websocket_bridge_factory = WebSocketBridgeFactory(state.websocket_connection_pool)
    async with startup_phase(app, Phase.INTEGRATION):
        state.execution_engine_factory = ExecutionEngineFactory(state.websocket_bridge_factory)
        state.supervisor_factory = SupervisorFactory(state.execution_engine_factory)
    async with startup_phase(app, Phase.READINESS):
        await rehearse(state.supervisor_factory)
    yield


async def rehearse(supervisor_factory: SupervisorFactory) -> None:
    """Run one agent for nobody: what would fail for the first user fails here."""
    rehearsal = UserExecutionContext(user_id="startup", thread_id="startup", run_id="startup")
    await supervisor_factory.create_for_user(rehearsal).handle("ready?")
