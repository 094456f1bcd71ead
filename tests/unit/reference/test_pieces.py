"""The pieces of the reference, each by itself: what is sent reaches its user, and nobody else."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from netra_contracts.reference.agents import AgentRegistry, ScriptedAgent
from netra_contracts.reference.bridge import WebSocketBridgeFactory
from netra_contracts.reference.context import UserExecutionContext, user_context
from netra_contracts.reference.emitter import UserWebSocketEmitter
from netra_contracts.reference.pool import WebSocketConnectionPool
from netra_contracts.reference.tools import ToolDispatcher, UnknownToolError
from tests.unit.reference.connections import KeptConnection, context


def emitter_for(user_id: str, pool: WebSocketConnectionPool, history_size: int = 100) -> UserWebSocketEmitter:
    return UserWebSocketEmitter(WebSocketBridgeFactory(pool).create_for_user(context(user_id)), history_size)


@pytest.mark.parametrize("field", ["user_id", "thread_id", "run_id", "request_id"])
@pytest.mark.parametrize("empty", ["", " \t"])
def test_context_without_an_owner_is_refused(field: str, empty: str) -> None:
    ids = {"user_id": "ada", "thread_id": "t", "run_id": "r", "request_id": "q", field: empty}
    with pytest.raises(ValueError, match=field):
        UserExecutionContext(**ids)


def test_context_cannot_become_another_users() -> None:
    mine = context("ada")
    with pytest.raises(dataclasses.FrozenInstanceError):
        mine.user_id = "bob"  # type: ignore[misc]  # that it cannot be assigned is what is tested


def test_each_context_of_a_user_is_a_run_of_its_own() -> None:
    first, second = user_context("ada"), user_context("ada")
    assert first.user_id == second.user_id == "ada"
    assert len({first.run_id, second.run_id, first.request_id, second.request_id}) == 4
    assert user_context("ada", "thread").thread_id == "thread"


def test_pool_gives_a_user_the_connections_of_that_user() -> None:
    pool = WebSocketConnectionPool()
    first, second, other = KeptConnection(), KeptConnection(), KeptConnection()
    pool.add_connection("ada", first)
    pool.add_connection("bob", other)
    pool.add_connection("ada", second)
    assert pool.get_connections("ada") == (first, second)
    assert pool.get_connections("bob") == (other,)
    assert pool.get_connections("nobody") == ()
    assert pool.users == 2


def test_old_connection_that_leaves_does_not_take_the_new_one_along() -> None:
    pool = WebSocketConnectionPool()
    old, new = KeptConnection(), KeptConnection()
    pool.add_connection("ada", old)
    pool.add_connection("ada", new)
    pool.remove_connection("ada", old)
    pool.remove_connection("ada", old)
    assert pool.get_connections("ada") == (new,)


def test_pool_keeps_nothing_of_a_user_who_left() -> None:
    pool = WebSocketConnectionPool()
    connection = KeptConnection()
    pool.add_connection("ada", connection)
    pool.remove_connection("ada", connection)
    pool.remove_connection("nobody", connection)
    assert pool.users == 0


def test_bridge_numbers_its_events_and_names_their_owner() -> None:
    pool = WebSocketConnectionPool()
    mine, others = KeptConnection(), KeptConnection()
    pool.add_connection("ada", mine)
    pool.add_connection("bob", others)
    bridge = WebSocketBridgeFactory(pool).create_for_user(context("ada"))

    async def emit() -> list[int]:
        return [
            await bridge.emit_event("agent_started", {}),
            await bridge.emit_event("agent_completed", {"answer": "x"}),
        ]

    assert asyncio.run(emit()) == [1, 1]
    owner = {"user_id": "ada", "thread_id": "thread-of-ada", "run_id": "run-1", "request_id": "request-of-run-1"}
    assert mine.sent == [
        {"type": "agent_started", **owner, "sequence": 1, "data": {}},
        {"type": "agent_completed", **owner, "sequence": 2, "data": {"answer": "x"}},
    ]
    assert others.sent == []


def test_bridge_tells_when_nobody_listened() -> None:
    bridge = WebSocketBridgeFactory(WebSocketConnectionPool()).create_for_user(context("ada"))
    assert asyncio.run(bridge.emit_event("agent_started", {})) == 0


def test_connection_that_is_closed_while_it_is_sent_to_stops_no_other() -> None:
    pool = WebSocketConnectionPool()
    last = KeptConnection()

    class Leaving(KeptConnection):
        def send(self, text: str) -> bool:
            pool.remove_connection("ada", self)
            return False

    pool.add_connection("ada", Leaving())
    pool.add_connection("ada", last)
    bridge = WebSocketBridgeFactory(pool).create_for_user(context("ada"))
    assert asyncio.run(bridge.emit_event("agent_started", {})) == 1
    assert len(last.sent) == 1


def test_emitter_remembers_the_latest_of_its_own_events() -> None:
    pool = WebSocketConnectionPool()
    ada, bob = emitter_for("ada", pool, history_size=2), emitter_for("bob", pool)

    async def emit() -> None:
        await ada.notify_agent_started("scripted")
        await bob.notify_agent_thinking("hm")
        await ada.notify_agent_failed("no reason")
        await ada.notify_agent_completed("done")

    asyncio.run(emit())
    assert ada.history == ("agent_failed", "agent_completed")
    assert bob.history == ("agent_thinking",)


def test_tool_is_told_before_and_after_it_works() -> None:
    pool = WebSocketConnectionPool()
    connection = KeptConnection()
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


def test_tool_that_raises_is_not_told_as_completed() -> None:
    pool = WebSocketConnectionPool()
    connection = KeptConnection()
    pool.add_connection("ada", connection)

    async def fail() -> None:
        raise OSError("no such index")

    dispatcher = ToolDispatcher(context("ada"), {"fail": fail}, emitter_for("ada", pool))
    with pytest.raises(OSError, match="no such index"):
        asyncio.run(dispatcher.call("fail"))
    assert connection.types == ["tool_executing"]


def test_unknown_tool_is_refused_with_the_ones_there_are() -> None:
    async def search() -> None:
        return None

    dispatcher = ToolDispatcher(context("ada"), {"search": search}, emitter_for("ada", WebSocketConnectionPool()))
    with pytest.raises(UnknownToolError, match=r"'serach'; the tools are: search"):
        asyncio.run(dispatcher.call("serach"))


def test_registry_makes_a_new_agent_each_time() -> None:
    registry = AgentRegistry()
    registry.register("scripted", ScriptedAgent)
    emitter = emitter_for("ada", WebSocketConnectionPool())
    tools = ToolDispatcher(context("ada"), {}, emitter)
    assert registry.create("scripted", emitter, tools) is not registry.create("scripted", emitter, tools)


def test_registry_refuses_a_name_that_is_taken_or_unknown() -> None:
    registry = AgentRegistry()
    emitter = emitter_for("ada", WebSocketConnectionPool())
    tools = ToolDispatcher(context("ada"), {}, emitter)
    with pytest.raises(LookupError, match="'scripted'; the agents are: none"):
        registry.create("scripted", emitter, tools)
    registry.register("scripted", ScriptedAgent)
    with pytest.raises(ValueError, match="already"):
        registry.register("scripted", ScriptedAgent)
