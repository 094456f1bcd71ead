"""Startup in four phases, each of which depends on the previous ones, and the shutdown in reverse order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.datastructures import State

from netra_contracts.declare import Phase, startup_phase
from netra_contracts.reference.agents import AgentRegistry, ScriptedAgent
from netra_contracts.reference.auth import TokenVerifier
from netra_contracts.reference.bridge import WebSocketBridgeFactory
from netra_contracts.reference.context import user_context
from netra_contracts.reference.database import Database
from netra_contracts.reference.engine import DEFAULT_AGENT, ExecutionEngineFactory, configure_execution_engine_factory
from netra_contracts.reference.pool import WebSocketConnectionPool
from netra_contracts.reference.supervisor import SupervisorFactory

#: The components of the application, in the order in which they are built.
COMPONENTS = (
    "websocket_connection_pool",
    "database",
    "token_verifier",
    "websocket_bridge_factory",
    "agent_registry",
    "execution_engine_factory",
    "supervisor_factory",
)
#: Seconds after which an unused engine counts as never released.
IDLE_S = 300.0
#: Seconds between two searches for such engines.
IDLE_CHECK_S = 60.0


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Build the components. If one fails, close those that were built and fail the startup."""
    state = app.state
    async with AsyncExitStack() as shutdown:
        async with startup_phase(app, Phase.INITIALIZATION):
            state.websocket_connection_pool = WebSocketConnectionPool()
            state.database = Database()
            shutdown.push_async_callback(state.database.close)
        async with startup_phase(app, Phase.CONFIGURATION):
            state.token_verifier = TokenVerifier()
            state.websocket_bridge_factory = WebSocketBridgeFactory(state.websocket_connection_pool)
            state.agent_registry = AgentRegistry()
            state.agent_registry.register(DEFAULT_AGENT, ScriptedAgent)
        async with startup_phase(app, Phase.INTEGRATION):
            state.execution_engine_factory = await configure_execution_engine_factory(
                websocket_bridge=state.websocket_bridge_factory,
                agent_registry=state.agent_registry,
                database=state.database,
            )
            shutdown.push_async_callback(state.execution_engine_factory.close)
            await shutdown.enter_async_context(idle_cleanup(state.execution_engine_factory))
            state.supervisor_factory = SupervisorFactory(state.websocket_bridge_factory, state.execution_engine_factory)
        async with startup_phase(app, Phase.READINESS):
            await rehearse(state.supervisor_factory)
            state.startup_complete = True
        yield
        state.startup_complete = False


@asynccontextmanager
async def idle_cleanup(
    factory: ExecutionEngineFactory, every_s: float = IDLE_CHECK_S, older_than_s: float = IDLE_S
) -> AsyncIterator[None]:
    """Clean up unused engines every `every_s` seconds during the block."""

    async def clean_up() -> None:
        while True:
            await asyncio.sleep(every_s)
            await factory.cleanup_idle(older_than_s)

    task = asyncio.create_task(clean_up(), name="idle clean-up")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def rehearse(supervisor_factory: SupervisorFactory) -> str:
    """Run one agent without a user, so that a fault fails the startup instead of the first run."""
    return await supervisor_factory.create_for_user(user_context("startup")).handle("ready?")


def missing_components(state: State) -> list[str]:
    """Return the names of components that are not set or None, and `startup_complete` while startup runs."""
    missing = [name for name in COMPONENTS if getattr(state, name, None) is None]
    if not getattr(state, "startup_complete", False):
        missing.append("startup_complete")
    return missing
