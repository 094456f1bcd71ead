"""What agents can do, each for one user."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from netra_contracts.reference.context import UserExecutionContext
from netra_contracts.reference.database import UserSession
from netra_contracts.reference.emitter import UserWebSocketEmitter

Tool = Callable[..., Awaitable[object]]


class UnknownToolError(LookupError):
    """An agent called a tool that its user does not have."""


class ToolDispatcher:
    """Calls the tools of one run, and tells its user before and after.

    Args:
        context: whose tools they are.
        tools: tools by name, made for this user. Results must be JSON.
        emitter: tells the user.
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
            UnknownToolError: if there is no such tool.
            Exception: what the tool raised. Its user is then not told that it completed.
        """
        if name not in self._tools:
            known = ", ".join(sorted(self._tools))
            raise UnknownToolError(f"there is no tool {name!r}; the tools are: {known}")
        await self._emitter.notify_tool_executing(name, arguments)
        result = await self._tools[name](**arguments)
        await self._emitter.notify_tool_completed(name, result)
        return result


def user_tools(session: UserSession) -> dict[str, Tool]:
    """The tools of one run: they see what its session sees."""

    async def search_messages(text: str) -> dict[str, int]:
        return {"found": await session.count_messages(containing=text)}

    return {"search_messages": search_messages}
