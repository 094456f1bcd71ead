"""The pieces of the reference, each by itself: what is sent reaches its user, and nobody else."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from netra_contracts.reference.bridge import WebSocketBridgeFactory
from netra_contracts.reference.context import UserExecutionContext
from netra_contracts.reference.engine import ExecutionEngineFactory, ExecutionEngineFactoryError
from netra_contracts.reference.pool import WebSocketConnectionPool
from netra_contracts.reference.supervisor import SupervisorFactory
from tests.unit.reference.connections import KeptConnection, context


@pytest.mark.parametrize("field", ["user_id", "thread_id", "run_id"])
@pytest.mark.parametrize("empty", ["", " \t"])
def test_context_without_an_owner_is_refused(field: str, empty: str) -> None:
    ids = {"user_id": "ada", "thread_id": "t", "run_id": "r", field: empty}
    with pytest.raises(ValueError, match=field):
        UserExecutionContext(**ids)


def test_context_cannot_become_another_users() -> None:
    mine = context("ada")
    with pytest.raises(dataclasses.FrozenInstanceError):
        mine.user_id = "bob"  # type: ignore[misc]  # that it cannot be assigned is what is tested


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
    owner = {"user_id": "ada", "thread_id": "thread-of-ada", "run_id": "run-1"}
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
        async def send_json(self, data: object) -> None:
            pool.remove_connection("ada", self)
            await super().send_json(data)

    pool.add_connection("ada", Leaving())
    pool.add_connection("ada", last)
    bridge = WebSocketBridgeFactory(pool).create_for_user(context("ada"))
    assert asyncio.run(bridge.emit_event("agent_started", {})) == 2
    assert len(last.sent) == 1


def test_engine_factory_refuses_to_be_built_without_a_bridge_factory() -> None:
    with pytest.raises(ExecutionEngineFactoryError, match="build the bridge factory first"):
        ExecutionEngineFactory(None)


def test_two_users_share_neither_engine_nor_bridge() -> None:
    factory = ExecutionEngineFactory(WebSocketBridgeFactory(WebSocketConnectionPool()))
    ada, bob = factory.create_for_user(context("ada")), factory.create_for_user(context("bob", "run-2"))
    assert ada is not bob
    assert ada._bridge is not bob._bridge
    assert ada._bridge.context.user_id == "ada"
    assert bob._bridge.context.user_id == "bob"


def test_engine_that_is_cleaned_up_is_forgotten() -> None:
    factory = ExecutionEngineFactory(WebSocketBridgeFactory(WebSocketConnectionPool()))
    engine = factory.create_for_user(context("ada"))
    assert factory.active == 1
    factory.cleanup_engine(engine)
    factory.cleanup_engine(engine)
    assert factory.active == 0


def test_runs_of_two_users_that_carry_the_same_id_are_two() -> None:
    factory = ExecutionEngineFactory(WebSocketBridgeFactory(WebSocketConnectionPool()))
    ada, _ = factory.create_for_user(context("ada")), factory.create_for_user(context("bob"))
    assert factory.active == 2
    factory.cleanup_engine(ada)
    assert factory.active == 1


def test_runs_at_the_same_time_tell_each_user_of_their_own() -> None:
    pool = WebSocketConnectionPool()
    connections = {user: KeptConnection() for user in ("ada", "bob")}
    for user, connection in connections.items():
        pool.add_connection(user, connection)
    engines = ExecutionEngineFactory(WebSocketBridgeFactory(pool))
    supervisors = SupervisorFactory(engines)

    async def both() -> list[str]:
        runs = (
            supervisors.create_for_user(context("ada", "run-1")).handle("abc"),
            supervisors.create_for_user(context("bob", "run-2")).handle("xyz"),
        )
        return list(await asyncio.gather(*runs))

    assert asyncio.run(both()) == ["cba", "zyx"]
    for user, connection in connections.items():
        assert [message["type"] for message in connection.sent] == [
            "agent_started",
            "agent_thinking",
            "agent_completed",
        ]
        assert {message["user_id"] for message in connection.sent} == {user}
    assert engines.active == 0


def test_engine_of_a_run_that_fails_is_let_go() -> None:
    class Broken(KeptConnection):
        async def send_json(self, data: object) -> None:
            raise ConnectionResetError

    pool = WebSocketConnectionPool()
    pool.add_connection("ada", Broken())
    engines = ExecutionEngineFactory(WebSocketBridgeFactory(pool))
    with pytest.raises(ConnectionResetError):
        asyncio.run(SupervisorFactory(engines).create_for_user(context("ada")).handle("hello"))
    assert engines.active == 0
