"""Tools of agents, each for one user."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from netra_contracts.reference.context import UserExecutionContext
from netra_contracts.reference.database import UserSession
from netra_contracts.reference.emitter import UserWebSocketEmitter

Tool = Callable[..., Awaitable[object]]


class UnknownToolError(LookupError):
    """An agent called a tool that does not exist."""


class ToolDispatcher:
    """Calls the tools of one run and sends its user an event before and after each call.

    Args:
        context: the run.
        tools: tools by name, created for this run. Results must be JSON.
        emitter: sends the events.
    """

    def __init__(self, context: UserExecutionContext, tools: Mapping[str, Tool], emitter: UserWebSocketEmitter) -> None:
        self.context = context
        self._tools = dict(tools)
        self._emitter = emitter

    async def call(self, name: str, **arguments: object) -> object:
        """Call a tool.

        Returns:
            What the tool returned.

        Raises:
            UnknownToolError: if the tool does not exist.
            Exception: as raised by the tool. The event for a completed call is then not sent.
        """
        if name not in self._tools:
            known = ", ".join(sorted(self._tools))
            raise UnknownToolError(f"there is no tool {name!r}; the tools are: {known}")
        await self._emitter.notify_tool_executing(name, arguments)
        result = await self._tools[name](**arguments)
        await self._emitter.notify_tool_completed(name, result)
        return result


def user_tools(session: UserSession) -> dict[str, Tool]:
    """Return the tools of one run. They have access to the session only."""

    async def search_messages(text: str) -> dict[str, int]:
        return {"found": await session.count_messages(containing=text)}

    return {"search_messages": search_messages}
