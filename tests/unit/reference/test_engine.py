"""Engines and supervisors: one for each run, always released, and limited for each user."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref

import pytest

from netra_contracts.reference.agents import AgentRegistry
from netra_contracts.reference.context import user_context
from netra_contracts.reference.engine import (
    ExecutionEngineFactory,
    ExecutionEngineFactoryError,
    UserExecutionEngine,
    configure_execution_engine_factory,
)
from netra_contracts.reference.startup import idle_cleanup
from netra_contracts.reference.supervisor import SupervisorFactory
from tests.unit.reference.connections import DEADLINE, RUN, Backend, Failing, Hanging, backend, context, until


def engines_with(agent: type[Failing], made: Backend) -> ExecutionEngineFactory:
    """An engine factory with such agents."""
    agents = AgentRegistry()
    agents.register("scripted", agent)
    return ExecutionEngineFactory(made.bridges, agents, made.database)


def test_engine_factory_without_a_bridge_factory_raises() -> None:
    async def configure() -> None:
        async with backend() as made:
            await configure_execution_engine_factory(
                websocket_bridge=None, agent_registry=made.agents, database=made.database
            )

    with pytest.raises(ExecutionEngineFactoryError, match="build the bridge factory first"):
        asyncio.run(configure())


def test_run_sends_five_events_and_returns_the_answer_of_the_last() -> None:
    async def run() -> tuple[str, list[str], list[object], list[int]]:
        async with backend() as made:
            connection = made.connect("ada")
            async with made.engines.user_execution_scope(context("ada")) as engine:
                answer = await engine.run("hello")
            last = connection.sent[-1]["data"]["answer"]
            return answer, connection.types, [last], [message["sequence"] for message in connection.sent]

    answer, types, last, sequence = asyncio.run(run())
    assert types == RUN
    assert sequence == [1, 2, 3, 4, 5]
    assert last == [answer]
    assert answer == '"hello": said in 1 of your messages, this one included.'


def test_agent_finds_only_messages_of_its_user() -> None:
    async def run() -> list[str]:
        async with backend() as made:
            supervisors = SupervisorFactory(made.bridges, made.engines)
            return [
                await supervisors.create_for_user(user_context(user)).handle("hello") for user in ("ada", "bob", "ada")
            ]

    answers = asyncio.run(run())
    assert ["in 1 of" in answers[0], "in 1 of" in answers[1], "in 2 of" in answers[2]] == [True, True, True]


def test_engines_of_two_users_share_no_object_of_a_run() -> None:
    async def create() -> None:
        async with backend() as made:
            ada = await made.engines.create_for_user(context("ada"))
            bob = await made.engines.create_for_user(context("bob", "run-2"))
            for name in ("_agent", "_emitter", "_session"):
                assert getattr(ada, name) is not getattr(bob, name)
            assert ada._emitter._bridge is not bob._emitter._bridge
            assert ada._emitter._bridge.context.user_id == ada._session.context.user_id == "ada"
            assert bob._emitter._bridge.context.user_id == bob._session.context.user_id == "bob"

    asyncio.run(create())


def test_cleaned_up_engine_is_removed_and_closed() -> None:
    async def use() -> list[int]:
        async with backend() as made:
            first = await made.engines.create_for_user(context("ada"))
            await made.engines.create_for_user(context("bob"))
            counts = [made.engines.active]
            for _ in range(2):
                await made.engines.cleanup_engine(first)
                counts.append(made.engines.active)
            with pytest.raises(RuntimeError, match="session is closed"):
                await first.run("hello")
            await made.engines.close()
            assert made.engines._engines == {}
            return [*counts, made.engines.active]

    assert asyncio.run(use()) == [2, 1, 1, 0]


def test_released_engine_is_garbage_collected() -> None:
    async def use() -> weakref.ref[UserExecutionEngine]:
        async with backend() as made:
            made.connect("ada")
            async with made.engines.user_execution_scope(context("ada")) as engine:
                await engine.run("hello")
                kept = weakref.ref(engine)
            del engine
            gc.collect()
            assert kept() is None
            return kept

    assert asyncio.run(use())() is None


def test_number_of_engines_of_a_user_is_limited() -> None:
    async def use() -> None:
        async with backend(max_engines_per_user=2) as made:
            first = await made.engines.create_for_user(context("ada"))
            await made.engines.create_for_user(context("ada", "run-2"))
            with pytest.raises(ExecutionEngineFactoryError, match="no more than 2 runs"):
                await made.engines.create_for_user(context("ada", "run-3"))
            await made.engines.create_for_user(context("bob"))
            await made.engines.cleanup_engine(first)
            await made.engines.create_for_user(context("ada", "run-3"))
            assert made.engines.active == 3

    asyncio.run(use())


def test_scope_waits_for_an_engine_to_be_released() -> None:
    async def use() -> list[str]:
        async with backend(max_engines_per_user=2) as made:
            connection = made.connect("ada")
            supervisors = SupervisorFactory(made.bridges, made.engines)
            runs = (supervisors.create_for_user(context("ada", f"run-{n}")).handle("hello") for n in range(20))
            async with asyncio.timeout(DEADLINE):
                await asyncio.gather(*runs)
            assert made.engines.active == 0
            assert made.engines._freed == {}
            return connection.types

    types = asyncio.run(use())
    assert {name: types.count(name) for name in RUN} == dict.fromkeys(RUN, 20)


def test_run_that_waits_too_long_for_an_engine_sends_run_refused() -> None:
    async def use() -> list[str]:
        async with backend(max_engines_per_user=1, max_wait_s=0.01) as made:
            connection = made.connect("ada")
            await made.engines.create_for_user(context("ada"))
            supervisor = SupervisorFactory(made.bridges, made.engines).create_for_user(context("ada", "run-2"))
            with pytest.raises(ExecutionEngineFactoryError):
                await supervisor.handle("hello")
            return connection.types

    assert asyncio.run(use()) == ["run_refused"]


def test_failed_run_releases_its_engine_and_sends_no_reason() -> None:
    async def use() -> list[object]:
        async with backend() as made:
            connection = made.connect("ada")
            engines = engines_with(Failing, made)
            with pytest.raises(OSError, match="password"):
                await SupervisorFactory(made.bridges, engines).create_for_user(context("ada")).handle("hello")
            assert engines.active == 0
            assert connection.types == ["agent_started", "agent_failed"]
            return [message["data"] for message in connection.sent]

    assert "password" not in str(asyncio.run(use()))


def test_concurrent_runs_send_events_to_their_own_users() -> None:
    async def use() -> None:
        async with backend() as made:
            users = [f"user-{number}" for number in range(50)]
            connections = {user: made.connect(user) for user in users}
            supervisors = SupervisorFactory(made.bridges, made.engines)
            await asyncio.gather(*(supervisors.create_for_user(context(user)).handle(user) for user in users))
            for user, connection in connections.items():
                assert connection.types == RUN
                assert {message["user_id"] for message in connection.sent} == {user}
                assert user in connection.sent[-1]["data"]["answer"]
            assert made.engines.active == 0

    asyncio.run(use())


def test_only_idle_engines_are_cleaned_up() -> None:
    async def use() -> None:
        async with backend() as made:
            forgotten = await made.engines.create_for_user(context("ada"))
            busy = await made.engines.create_for_user(context("bob"))
            busy.running = True
            assert await made.engines.cleanup_idle(older_than_s=3600) == 0
            assert await made.engines.cleanup_idle(older_than_s=0) == 1
            assert made.engines.active == 1
            await made.engines.cleanup_engine(forgotten)

    asyncio.run(use())


def test_idle_cleanup_runs_during_its_block_only() -> None:
    async def use() -> set[str]:
        async with backend() as made:
            await made.engines.create_for_user(context("ada"))
            async with idle_cleanup(made.engines, every_s=0.001, older_than_s=0):
                await until(lambda: made.engines.active == 0)
            return {task.get_name() for task in asyncio.all_tasks()} - {"main"}

    async def main() -> set[str]:
        task = asyncio.current_task()
        assert task is not None
        task.set_name("main")
        return await use()

    assert asyncio.run(main()) == set()


def test_cancelled_run_releases_its_engine(caplog: pytest.LogCaptureFixture) -> None:
    async def use() -> int:
        async with backend() as made:
            engines = engines_with(Hanging, made)
            supervisors = SupervisorFactory(made.bridges, engines)
            connection = made.connect("ada")
            run = asyncio.create_task(supervisors.create_for_user(context("ada")).handle("hello"))
            await until(lambda: connection.sent != [])
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run
            return engines.active

    with caplog.at_level(logging.WARNING):
        assert asyncio.run(use()) == 0
    assert caplog.records == []
