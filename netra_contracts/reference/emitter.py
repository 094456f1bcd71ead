"""The events that an agent sends to its user."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from netra_contracts.reference.bridge import AgentWebSocketBridge

#: Number of event names that an emitter keeps.
HISTORY_SIZE = 100


class UserWebSocketEmitter:
    """Sends the events of one run to its user, over the bridge of that run.

    Args:
        bridge: the bridge of the run.
        history_size: number of event names that `history` keeps.
    """

    def __init__(self, bridge: AgentWebSocketBridge, history_size: int = HISTORY_SIZE) -> None:
        self._bridge = bridge
        self._history: deque[str] = deque(maxlen=history_size)

    @property
    def history(self) -> tuple[str, ...]:
        """Names of the events sent in this run, oldest first; only the latest of a long run."""
        return tuple(self._history)

    async def notify_agent_started(self, agent: str) -> None:
        """Send that the run has started."""
        await self._emit("agent_started", {"agent": agent})

    async def notify_agent_thinking(self, thought: str) -> None:
        """Send a thought of the agent."""
        await self._emit("agent_thinking", {"thought": thought})

    async def notify_tool_executing(self, tool: str, arguments: Mapping[str, object]) -> None:
        """Send that a tool is called."""
        await self._emit("tool_executing", {"tool": tool, "arguments": arguments})

    async def notify_tool_completed(self, tool: str, result: object) -> None:
        """Send the result of a tool."""
        await self._emit("tool_completed", {"tool": tool, "result": result})

    async def notify_agent_completed(self, answer: str) -> None:
        """Send the answer that ends the run."""
        await self._emit("agent_completed", {"answer": answer})

    async def notify_agent_failed(self, reason: str) -> None:
        """Send that the run has ended without an answer."""
        await self._emit("agent_failed", {"reason": reason})

    async def _emit(self, event: str, data: Mapping[str, object]) -> None:
        await self._bridge.emit_event(event, data)
        self._history.append(event)
