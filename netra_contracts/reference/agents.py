"""Agents: the application's registry creates a new one for each run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from netra_contracts.reference.emitter import UserWebSocketEmitter
from netra_contracts.reference.tools import ToolDispatcher


class Agent(Protocol):
    """Answers one message."""

    async def run(self, message: str) -> str:
        """Answer a message and send the user an event for each step."""


AgentFactory = Callable[[UserWebSocketEmitter, ToolDispatcher], Agent]


class ScriptedAgent:
    """An agent without a model: sends a thought, searches the user's messages and answers with the count."""

    def __init__(self, emitter: UserWebSocketEmitter, tools: ToolDispatcher) -> None:
        self._emitter = emitter
        self._tools = tools

    async def run(self, message: str) -> str:
        """Answer a message."""
        await self._emitter.notify_agent_thinking("Has this been said before?")
        match await self._tools.call("search_messages", text=message):
            case {"found": int(found)}:
                return f'"{message}": said in {found} of your messages, this one included.'
            case result:
                raise TypeError(f"search_messages gave {type(result).__name__}, not how many messages were found")


class AgentRegistry:
    """The available agents. All users share the registry, so it stores factories of agents and no agent."""

    def __init__(self) -> None:
        self._factories: dict[str, AgentFactory] = {}

    def register(self, name: str, factory: AgentFactory) -> None:
        """Add an agent: a class, or a function that returns an agent.

        Raises:
            ValueError: if the name is already registered.
        """
        if name in self._factories:
            raise ValueError(f"there is an agent {name!r} already")
        self._factories[name] = factory

    def create(self, name: str, emitter: UserWebSocketEmitter, tools: ToolDispatcher) -> Agent:
        """Return a new agent for one run.

        Raises:
            LookupError: if no agent has that name.
        """
        if name not in self._factories:
            raise LookupError(f"there is no agent {name!r}; the agents are: {', '.join(self._factories) or 'none'}")
        return self._factories[name](emitter, tools)
