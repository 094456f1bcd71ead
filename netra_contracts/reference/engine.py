"""Engines run agents, each for one run of one user."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from netra_contracts.reference.agents import Agent, AgentRegistry
from netra_contracts.reference.bridge import WebSocketBridgeFactory
from netra_contracts.reference.context import UserExecutionContext
from netra_contracts.reference.database import Database, UserSession
from netra_contracts.reference.emitter import UserWebSocketEmitter
from netra_contracts.reference.tools import ToolDispatcher, user_tools

#: The agent that answers unless another one is named.
DEFAULT_AGENT = "scripted"
MAX_ENGINES_PER_USER = 100


class ExecutionEngineFactoryError(RuntimeError):
    """The factory cannot create an engine. The message may be shown to users."""


class UserExecutionEngine:
    """Runs an agent for one context and sends its user each step. All objects that it holds belong to that context."""

    def __init__(
        self,
        context: UserExecutionContext,
        *,
        agent_name: str,
        agent: Agent,
        emitter: UserWebSocketEmitter,
        session: UserSession,
    ) -> None:
        self.context = context
        self.last_used = time.monotonic()
        self.running = False
        self._agent_name = agent_name
        self._agent = agent
        self._emitter = emitter
        self._session = session

    async def run(self, message: str) -> str:
        """Answer a message.

        Returns:
            The answer, which the last event contains too.

        Raises:
            Exception: as raised by the agent, after the event for a failed run was sent.
        """
        self.running = True
        try:
            await self._emitter.notify_agent_started(self._agent_name)
            await self._session.add_message(message)
            answer = await self._agent.run(message)
            await self._emitter.notify_agent_completed(answer)
        except Exception:
            # The exception goes to the log only: it may contain data of others.
            await self._emitter.notify_agent_failed("the agent could not finish")
            raise
        finally:
            self.running = False
            self.last_used = time.monotonic()
        return answer

    def close(self) -> None:
        """End the session: a released engine can neither read nor write."""
        self._session.close()


class ExecutionEngineFactory:
    """Makes an engine for each run, with a bridge, an emitter, tools and a database session of its own.

    Args:
        websocket_bridge: makes the bridges.
        agent_registry: makes the agents.
        database: opens the sessions.
        max_engines_per_user: how many engines one user may have at a time.
        max_wait_s: how long `user_execution_scope` waits for one of them to end.

    Raises:
        ExecutionEngineFactoryError: if the bridge factory is None.
    """

    def __init__(
        self,
        websocket_bridge: WebSocketBridgeFactory | None,
        agent_registry: AgentRegistry,
        database: Database,
        *,
        max_engines_per_user: int = MAX_ENGINES_PER_USER,
        max_wait_s: float = 30.0,
    ) -> None:
        if websocket_bridge is None:
            raise ExecutionEngineFactoryError(
                "without a bridge factory, runs would have no way to tell their users what they do: "
                "build the bridge factory first"
            )
        self.max_engines_per_user = max_engines_per_user
        self._max_wait_s = max_wait_s
        self._websocket_bridge = websocket_bridge
        self._agent_registry = agent_registry
        self._database = database
        self._engines: dict[str, set[UserExecutionEngine]] = {}
        #: Set when an engine of that user is cleaned up; present only while a run waits for it.
        self._freed: dict[str, asyncio.Event] = {}

    async def create_for_user(
        self, context: UserExecutionContext, agent_name: str = DEFAULT_AGENT
    ) -> UserExecutionEngine:
        """Return a new engine for one run of one user. `cleanup_engine` releases it.

        Raises:
            ExecutionEngineFactoryError: if the user has reached the limit of engines.
            LookupError: if no agent has that name.
        """
        if self._is_full(context.user_id):
            raise ExecutionEngineFactoryError(
                f"no more than {self.max_engines_per_user} runs of one user at a time: wait for one to end"
            )
        session = self._database.session(context)
        emitter = UserWebSocketEmitter(self._websocket_bridge.create_for_user(context))
        tools = ToolDispatcher(context, user_tools(session), emitter)
        agent = self._agent_registry.create(agent_name, emitter, tools)
        engine = UserExecutionEngine(context, agent_name=agent_name, agent=agent, emitter=emitter, session=session)
        self._engines.setdefault(context.user_id, set()).add(engine)
        return engine

    @asynccontextmanager
    async def user_execution_scope(self, context: UserExecutionContext) -> AsyncIterator[UserExecutionEngine]:
        """Yield an engine and release it at the end of the block. At the limit of engines, wait for a release.

        Raises:
            ExecutionEngineFactoryError: if none is released in time.
            LookupError: if the default agent is not registered.
        """
        if self._is_full(context.user_id):
            await self._wait_for_capacity(context.user_id)
        engine = await self.create_for_user(context)
        try:
            yield engine
        finally:
            await self.cleanup_engine(engine)

    async def cleanup_engine(self, engine: UserExecutionEngine) -> None:
        """Close an engine and remove it, so that no data of its user remains. May be called more than once."""
        user_id = engine.context.user_id
        engines = self._engines.get(user_id, set())
        engines.discard(engine)
        if not engines:
            self._engines.pop(user_id, None)
        freed = self._freed.pop(user_id, None)
        if freed is not None:
            freed.set()
        engine.close()

    async def cleanup_idle(self, older_than_s: float) -> int:
        """Clean up engines that have not been used for `older_than_s` seconds and were never released.

        Returns:
            Number of engines that were cleaned up.
        """
        latest = time.monotonic() - older_than_s
        idle = [engine for engine in self._all() if not engine.running and engine.last_used <= latest]
        for engine in idle:
            await self.cleanup_engine(engine)
        return len(idle)

    async def close(self) -> None:
        """Clean up every engine."""
        for engine in self._all():
            await self.cleanup_engine(engine)

    @property
    def active(self) -> int:
        """Number of engines that have not been cleaned up."""
        return sum(map(len, self._engines.values()))

    async def _wait_for_capacity(self, user_id: str) -> None:
        """Wait until the user may have another engine, or for `max_wait_s` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._max_wait_s):
                while self._is_full(user_id):
                    await self._freed.setdefault(user_id, asyncio.Event()).wait()

    def _is_full(self, user_id: str) -> bool:
        return len(self._engines.get(user_id, ())) >= self.max_engines_per_user

    def _all(self) -> list[UserExecutionEngine]:
        return [engine for engines in self._engines.values() for engine in engines]


async def configure_execution_engine_factory(
    *,
    websocket_bridge: WebSocketBridgeFactory | None,
    agent_registry: AgentRegistry,
    database: Database,
    max_engines_per_user: int = MAX_ENGINES_PER_USER,
) -> ExecutionEngineFactory:
    """Return the engine factory of the application.

    Raises:
        ExecutionEngineFactoryError: if the bridge factory is None.
    """
    return ExecutionEngineFactory(websocket_bridge, agent_registry, database, max_engines_per_user=max_engines_per_user)
