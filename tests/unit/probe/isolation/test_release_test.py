"""What keeps released instances, which containers grow, and how the methods that create and release are called."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from netra_contracts.probe.isolation import retention
from netra_contracts.probe.isolation.runner import IsolationRunner
from netra_contracts.protocol.observed.isolation import IsolationResult
from netra_contracts.protocol.plan import IsolationRequest
from tests.unit.probe.isolation import factories
from tests.unit.probe.isolation.factories import (
    Caching,
    Calls,
    ClassRegistry,
    Counting,
    Current,
    Deferred,
    Described,
    DescribedEngine,
    EngineById,
    Expired,
    Expiring,
    Factory,
    FinalizedEngine,
    Keeping,
    Limited,
    LimitedBesideAll,
    LimitedInBytes,
    LimitedModuleRegistry,
    LinkedList,
    ModuleDict,
    ModuleRegistry,
    OfTenant,
    OwnCache,
    Pool,
    RemovedByName,
    Replacing,
    Stuck,
    Suspended,
    Unbounded,
    Unlimited,
    UnusedPool,
    WeakClassRegistry,
    WeaklyDescribedEngine,
)

MODULE = f"module {factories.__name__}"
CLASS = f"class {factories.__name__}"


@pytest.fixture(autouse=True)
def _one_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search one module, not all that the tests have imported, and nothing that another test left in it."""
    vars(EngineById)["context"].clear()
    modules = {factories.__name__: factories}
    monkeypatch.setattr(retention, "sys", SimpleNamespace(modules=modules))


@pytest.fixture(autouse=True, scope="module")
def _small_heap() -> Iterator[None]:
    """Leave what the tests have imported out of the many garbage collections."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def result_of(factory: Any, **terms: Any) -> IsolationResult:
    """The result of an isolation test of a component."""
    options = {"create": "create", "release": "aclose", "users": 3, "cycles": 60, **terms}

    async def run() -> IsolationResult:
        factories.CONTEXT.set({})
        return await IsolationRunner("tests", [("factory", factory)], (), set()).run(
            IsolationRequest("factory", **options)
        )

    return asyncio.run(run())


def remaining(result: IsolationResult) -> list[str]:
    """Paths to what remains after the release."""
    test = result.retention
    found_by_test = test.retained if test else ()
    kept = [f"{found.holder}{found.path}{' has its id' * found.by_id}" for found in (*result.retained, *found_by_test)]
    return [*kept, *(f"{found.holder}{found.path} grows" for found in (test.growing if test else ()))]


@pytest.mark.parametrize(
    ("factory", "path"),
    [
        (ModuleDict(), f"{MODULE}['BY_USER'] grows"),
        (ClassRegistry(), f"{CLASS}.ClassRegistry['engines'][<str>]"),
        (Counting(factories.count_in_closure), f"{MODULE}['count_in_closure'].<closure seen> grows"),
        (Counting(factories.count_in_default), f"{MODULE}['count_in_default'].__defaults__[0] grows"),
        (Counting(factories.count_in_attribute), f"{MODULE}['count_in_attribute'].seen grows"),
        (Counting(factories.count_in_context), "context variable 'CONTEXT' grows"),
        (Described(DescribedEngine), f"{CLASS}.DescribedEngine['context']._values.keys()"),
        (Unlimited(), f"{CLASS}.Unlimited['create']->[<tuple>]"),
        (Unbounded(), "factory._cache._Cache__data grows"),
        (Current(), "factory.current"),
        (OfTenant(), "factory._engines[<str>]"),
        (Suspended(), "factory._generators[0]->"),
        (UnusedPool(), "factory._free[3]"),
        (Deferred(60.0), "factory._engines[<str>]"),
        (Keeping(), "factory.engines[<str>]"),
        (Replacing(), "factory.engines[<str>]"),
        (LimitedBesideAll(), "factory.engines[<str>]"),
        (RemovedByName(), "factory.engines[<str>]"),
        (Described(EngineById), f"{CLASS}.EngineById['context']._values has its id"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_what_keeps_data_of_released_instances_is_found(factory: Any, path: str) -> None:
    assert path in remaining(result_of(factory))


@pytest.mark.parametrize(
    ("factory", "terms"),
    [
        (ModuleRegistry(), {}),
        (LimitedModuleRegistry(), {}),
        (WeakClassRegistry(), {}),
        (Described(WeaklyDescribedEngine), {}),
        (Limited(), {}),
        (Caching(), {}),
        (LinkedList(), {}),
        (LimitedInBytes(), {}),
        (Expiring(), {}),
        (Expired(), {}),
        (OwnCache(), {}),
        (Described(FinalizedEngine), {}),
        (Factory(), {"release": f"{factories.__name__}:release"}),
        (Pool(), {"pooled": True}),
        (Deferred(0.05), {"release_within": 5.0}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_instances_that_are_let_go_or_kept_up_to_a_limit_are_not_reported(factory: Any, terms: Any) -> None:
    result = result_of(factory, **terms)
    assert (remaining(result), result.failures) == ([], ())
    assert result.retention is not None
    assert result.retention.cycles > 0


def test_step_that_hangs_during_the_growth_test_is_a_failure() -> None:
    result = result_of(Stuck())
    (failure,) = result.failures
    assert failure.step == "create"
    assert failure.failure.message.startswith("it did not end within ")
    assert result.retention is not None
    assert result.retention.cycles == 27


def test_search_of_modules_that_is_cut_short_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not result_of(Factory()).searched_in_part
    monkeypatch.setattr(retention, "_MAX_IN_NAMESPACES", 1)
    monkeypatch.setattr(retention, "_CLOCK_EVERY", 1)
    assert result_of(Factory()).searched_in_part


def test_pool_that_uses_nothing_again_grows() -> None:
    assert remaining(result_of(UnusedPool(), pooled=True)) == ["factory._free grows"]


@pytest.mark.parametrize(
    ("create", "context", "arguments"),
    [
        ("nothing", "", ("nothing",)),
        ("nothing", "nobody", ("nothing",)),
        ("keyword", "", ("alice",)),
        ("several", "pair", ("alice", "acme", "")),
        ("several", "named", ("alice", "acme", "fast")),
        ("one", "", ("alice",)),
        ("one", "pair", (("alice", "acme"),)),
        ("one", "settings", ({"user": "alice"},)),
    ],
)
def test_create_receives_what_it_takes(create: str, context: str, arguments: Any) -> None:
    created: list[Any] = []

    class Recording(Calls):
        """Notes what was created."""

    def record(self: Any, *given: Any, **by_name: Any) -> None:
        created.append(given)

    engine = factories.Engine
    original = engine.__init__
    engine.__init__ = record  # type: ignore[method-assign] # notes the arguments
    try:
        reference = f"{factories.__name__}:{context}" if context else ""
        result = result_of(Recording(), create=create, context=reference, release="", cycles=0)
    finally:
        engine.__init__ = original  # type: ignore[method-assign] # restores it
    assert result.failures == ()
    assert _without_canary(created[0]) == arguments


def _without_canary(value: Any) -> Any:
    if isinstance(value, str):
        return value.partition("~")[0]
    if isinstance(value, dict):
        return {key: _without_canary(entry) for key, entry in value.items()}
    return tuple(_without_canary(entry) for entry in value)


@pytest.mark.parametrize(
    ("terms", "message", "near"),
    [
        ({"create": "several"}, "it takes (user, tenant, mode), and was given 1 positional argument", ""),
        ({"create": "one", "release": "one_"}, "`release` asks for `one_`", "one"),
        ({"create": "one", "release": "aclos"}, "`release` asks for `aclos`", "aclose"),
        ({"create": "one", "release": "several"}, "it takes (user, tenant, mode), and was given 1 positional", ""),
    ],
)
def test_method_that_cannot_be_called_is_a_failure_with_the_nearest_name(terms: Any, message: str, near: str) -> None:
    (failure,) = result_of(Calls(), **terms).failures
    assert message in failure.failure.message
    assert (failure.failure.near, bool(failure.failure.missing)) == (near, True)


def test_method_of_the_instance_is_called_where_that_of_the_component_takes_none() -> None:
    class Closing(factories.Engine):
        closed = 0

        def close(self) -> None:
            type(self).closed += 1

    class Closed(Calls):
        def create(self, user_id: str) -> Closing:
            return Closing(user_id)

    assert result_of(Closed(), release="close").failures == ()
    assert Closing.closed > 3
