"""A connection that stores messages, agents that fail, and the components of the application."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from netra_contracts.reference.agents import AgentRegistry, ScriptedAgent
from netra_contracts.reference.bridge import WebSocketBridgeFactory
from netra_contracts.reference.context import UserExecutionContext
from netra_contracts.reference.database import Database
from netra_contracts.reference.emitter import UserWebSocketEmitter
from netra_contracts.reference.engine import DEFAULT_AGENT, ExecutionEngineFactory
from netra_contracts.reference.pool import WebSocketConnectionPool
from netra_contracts.reference.tools import ToolDispatcher

#: Seconds after which a test gives up waiting.
DEADLINE = 10.0
RUN = ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]


class StoringConnection:
    """A connection that stores messages in `sent`."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send(self, text: str) -> bool:
        """Store a message."""
        self.sent.append(json.loads(text))
        return True

    @property
    def types(self) -> list[str]:
        """Types of the stored messages."""
        return [message["type"] for message in self.sent]


class Failing:
    """An agent that raises."""

    def __init__(self, emitter: UserWebSocketEmitter, tools: ToolDispatcher) -> None:
        pass

    async def run(self, message: str) -> str:
        """Raise."""
        raise OSError("password of the model server is wrong")


class Hanging(Failing):
    """An agent that never answers."""

    async def run(self, message: str) -> str:
        """Wait."""
        await asyncio.Event().wait()
        return ""


def context(user_id: str, run_id: str = "run-1") -> UserExecutionContext:
    """The identity of one run of a user."""
    return UserExecutionContext(
        user_id, thread_id=f"thread-of-{user_id}", run_id=run_id, request_id=f"request-of-{run_id}"
    )


class Backend:
    """The application's components, without the application."""

    def __init__(self, database: Database, **limits: Any) -> None:
        self.pool = WebSocketConnectionPool()
        self.bridges = WebSocketBridgeFactory(self.pool)
        self.agents = AgentRegistry()
        self.agents.register(DEFAULT_AGENT, ScriptedAgent)
        self.database = database
        self.engines = ExecutionEngineFactory(self.bridges, self.agents, database, **limits)

    def connect(self, user_id: str) -> StoringConnection:
        """A new connection of a user."""
        connection = StoringConnection()
        self.pool.add_connection(user_id, connection)
        return connection


@asynccontextmanager
async def backend(**limits: Any) -> AsyncIterator[Backend]:
    """A backend with a database of its own."""
    database = Database()
    try:
        yield Backend(database, **limits)
    finally:
        await database.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds that no event signals.

    Raises:
        TimeoutError: if it does not hold in time.
    """
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110 - no event signals the condition
            await asyncio.sleep(0.001)


def emitter_for(user_id: str, pool: WebSocketConnectionPool, history_size: int = 100) -> UserWebSocketEmitter:
    """An emitter for one run of a user."""
    return UserWebSocketEmitter(WebSocketBridgeFactory(pool).create_for_user(context(user_id)), history_size)
