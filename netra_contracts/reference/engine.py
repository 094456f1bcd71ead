"""Runs agents, each for one user."""

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

#: The agent that answers when nobody asks for another.
DEFAULT_AGENT = "scripted"
MAX_ENGINES_PER_USER = 100


class ExecutionEngineFactoryError(RuntimeError):
    """The factory cannot do its work. Its message may be shown to users."""


class UserExecutionEngine:
    """Carries out the runs of one context and tells its user of each step. All it holds was made for that context."""

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
            The answer, which the last event carries as well.

        Raises:
            Exception: what the agent raised, after its user was told that the run failed.
        """
        self.running = True
        try:
            await self._emitter.notify_agent_started(self._agent_name)
            await self._session.add_message(message)
            answer = await self._agent.run(message)
            await self._emitter.notify_agent_completed(answer)
        except Exception:
            # The reason is for the log: it may speak of what is not the user's.
            await self._emitter.notify_agent_failed("the agent could not finish")
            raise
        finally:
            self.running = False
            self.last_used = time.monotonic()
        return answer

    def close(self) -> None:
        """End the session: an engine that was let go reads and writes nothing any more."""
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
        ExecutionEngineFactoryError: if there is no bridge factory.
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
        #: Set when an engine of that user is cleaned up; there only while somebody waits for it.
        self._freed: dict[str, asyncio.Event] = {}

    async def create_for_user(
        self, context: UserExecutionContext, agent_name: str = DEFAULT_AGENT
    ) -> UserExecutionEngine:
        """A new engine for one run of one user; `cleanup_engine` lets it go.

        Raises:
            ExecutionEngineFactoryError: if the user has as many engines as are allowed.
            LookupError: if there is no agent of that name.
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
        """An engine that is let go when the block is left. Waits for one to end if the user has as many as are allowed.

        Raises:
            ExecutionEngineFactoryError: if none ends in time.
            LookupError: if there is no agent.
        """
        if self._is_full(context.user_id):
            await self._wait_for_place(context.user_id)
        engine = await self.create_for_user(context)
        try:
            yield engine
        finally:
            await self.cleanup_engine(engine)

    async def cleanup_engine(self, engine: UserExecutionEngine) -> None:
        """Close an engine and forget it, so that nothing of its user stays. An engine that is gone stays gone."""
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
        """Clean up the engines that nobody has used for so many seconds, and that whoever made them forgot.

        Returns:
            How many there were.
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
        """How many engines have not been cleaned up."""
        return sum(map(len, self._engines.values()))

    async def _wait_for_place(self, user_id: str) -> None:
        """Return when the user may have another engine, or when it has taken too long."""
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
    """The one place where the application's engine factory is put together.

    Raises:
        ExecutionEngineFactoryError: if there is no bridge factory.
    """
    return ExecutionEngineFactory(websocket_bridge, agent_registry, database, max_engines_per_user=max_engines_per_user)
