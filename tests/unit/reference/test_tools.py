"""Tool calls and their events."""

from __future__ import annotations

import asyncio

import pytest

from netra_contracts.reference.pool import WebSocketConnectionPool
from netra_contracts.reference.tools import ToolDispatcher, UnknownToolError
from tests.unit.reference.connections import StoringConnection, context, emitter_for


def test_events_are_sent_before_and_after_a_tool_call() -> None:
    pool = WebSocketConnectionPool()
    connection = StoringConnection()
    pool.add_connection("ada", connection)

    async def double(number: int) -> int:
        assert connection.types == ["tool_executing"]
        return 2 * number

    dispatcher = ToolDispatcher(context("ada"), {"double": double}, emitter_for("ada", pool))
    assert asyncio.run(dispatcher.call("double", number=21)) == 42
    assert [message["data"] for message in connection.sent] == [
        {"tool": "double", "arguments": {"number": 21}},
        {"tool": "double", "result": 42},
    ]


def test_tool_that_raises_sends_no_completed_event() -> None:
    pool = WebSocketConnectionPool()
    connection = StoringConnection()
    pool.add_connection("ada", connection)

    async def fail() -> None:
        raise OSError("no such index")

    dispatcher = ToolDispatcher(context("ada"), {"fail": fail}, emitter_for("ada", pool))
    with pytest.raises(OSError, match="no such index"):
        asyncio.run(dispatcher.call("fail"))
    assert connection.types == ["tool_executing"]


def test_unknown_tool_error_lists_the_tools() -> None:
    async def search() -> None:
        return None

    dispatcher = ToolDispatcher(context("ada"), {"search": search}, emitter_for("ada", WebSocketConnectionPool()))
    with pytest.raises(UnknownToolError, match=r"'serach'; the tools are: search"):
        asyncio.run(dispatcher.call("serach"))
