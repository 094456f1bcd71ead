"""Providers are called as a request would call them, and every outcome is distinguished."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from types import ModuleType
from typing import Annotated, Any

import pytest

from netra_contracts.probe.components import providers
from netra_contracts.probe.components.bounded import Stopped, stopping_after
from netra_contracts.probe.components.providers import Provided
from netra_contracts.probe.components.store_lines import StoreLines
from netra_contracts.probe.inspection.safe_inspect import MISSING
from netra_contracts.protocol.address import parse_address


class Service:
    """What providers return."""


KEPT = Service()


@pytest.fixture
def module() -> Iterator[ModuleType]:
    made = sys.modules["provided_here"] = ModuleType("provided_here")
    yield made
    del sys.modules["provided_here"]


async def call(module: ModuleType, function: Any, *, twice: bool = False) -> Provided:
    module.provide = function  # type: ignore[attr-defined]  # a module of the test
    address = parse_address("provided_here:provide()")
    return await providers.call(address, twice=twice, failed={}, own=[], lines=StoreLines())


def called(module: ModuleType, function: Any, *, twice: bool = False) -> Provided:
    return asyncio.run(call(module, function, twice=twice))


async def awaited() -> Service:
    """An async provider."""
    await asyncio.sleep(0)
    return KEPT


class Callable:
    """An object that is called."""

    def __call__(self) -> Service:
        return KEPT


@functools.lru_cache
def cached() -> Service:
    """A provider behind a cache."""
    return Service()


@pytest.mark.parametrize(
    "function", [lambda: KEPT, awaited, Callable(), functools.partial(lambda value: value, KEPT), cached]
)
def test_what_is_kept_is_one_object(module: ModuleType, function: Any) -> None:
    provided = called(module, function, twice=True)
    assert type(provided.value) is Service
    assert (provided.call.varies, provided.call.skipped, provided.call.failure) == (False, "", None)


def test_object_that_can_be_awaited_is_what_a_provider_returns(module: ModuleType) -> None:
    async def run() -> bool:
        pool = asyncio.get_running_loop().create_future()
        provided = await call(module, lambda: pool)
        pool.cancel()
        return provided.value is pool

    assert asyncio.run(run())


@pytest.mark.parametrize("function", [Service, object, lambda: [1]])
def test_new_object_at_each_call_varies(module: ModuleType, function: Any) -> None:
    assert called(module, function, twice=True).call.varies is True


class Hostile:
    """Runs code wherever something looks at it."""

    def __getattribute__(self, name: str) -> Any:
        raise SystemExit(name)

    def __eq__(self, other: object) -> bool:
        raise SystemExit

    __hash__ = None  # type: ignore[assignment]  # it cannot be hashed


class AnswersEverything:
    """Has every attribute, and is called without arguments."""

    def __getattr__(self, name: str) -> Any:
        return AnswersEverything()

    def __call__(self) -> Service:
        return KEPT


def test_object_that_runs_code_when_it_is_examined_is_only_compared_by_identity(module: ModuleType) -> None:
    hostile = Hostile()
    provided = called(module, lambda: hostile, twice=True)
    assert (provided.value is hostile, provided.call.varies, provided.call.created) == (True, False, False)


class HostileCallable(Hostile):
    """Can be called, and nothing else."""

    def __call__(self) -> Service:
        raise AssertionError("it was called")


def test_object_that_hides_its_signature_is_not_called(module: ModuleType) -> None:
    assert "examining it raised SystemExit" in called(module, HostileCallable()).call.skipped


def test_object_that_has_every_attribute_is_called(module: ModuleType) -> None:
    assert called(module, AnswersEverything()).value is KEPT


@pytest.mark.parametrize("value", [None, 1, "text", 2.5])
def test_equal_plain_values_do_not_vary(module: ModuleType, value: object) -> None:
    assert called(module, lambda: value, twice=True).call.varies is False


def test_provider_is_called_once_unless_identity_matters(module: ModuleType) -> None:
    calls: list[int] = []
    provided = called(module, lambda: calls.append(1))
    assert (len(calls), provided.call.varies, provided.value) == (1, None, None)


def test_call_that_creates_the_object_is_recognised(module: ModuleType) -> None:
    assert called(module, lambda: KEPT).call.created is False
    assert called(module, Service).call.created is True
    assert called(module, lambda: "text").call.created is None


def test_object_that_the_garbage_collector_does_not_list_may_have_been_created_before(module: ModuleType) -> None:
    gc.freeze()
    try:
        assert called(module, lambda: KEPT).call.created is None
    finally:
        gc.unfreeze()


@pytest.mark.parametrize("error", [RuntimeError("no"), SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError()])
def test_exception_is_the_failure_of_the_call(module: ModuleType, error: BaseException) -> None:
    def sync() -> None:
        raise error

    async def later() -> None:
        await asyncio.sleep(0)
        raise error

    for function in (sync, later) if isinstance(error, RuntimeError) else (sync,):
        provided = called(module, function)
        assert provided.value is MISSING
        assert provided.call.failure is not None
        assert type(error).__name__ in provided.call.failure.message


async def generating() -> AsyncIterator[Service]:
    """A dependency of FastAPI."""
    yield KEPT


def test_generator_is_not_what_it_yields(module: ModuleType) -> None:
    for function in (lambda: (each for each in [KEPT]), generating):
        assert "generator function" in called(module, function).call.skipped
    for manager in (contextlib.asynccontextmanager(generating), contextlib.contextmanager(lambda: iter([KEPT]))):
        assert "context manager" in called(module, manager).call.skipped


class Depends:
    """Stands for the marker of a framework: its class has this name in `fastapi.params`."""


Depends.__module__ = "fastapi.params"
DEPENDENCY = Depends()


class Param:
    """As above."""


Param.__module__ = "fastapi.params"
QUERY = Param()


def test_what_needs_arguments_or_is_no_function_is_not_called(module: ModuleType) -> None:
    def resolved(settings: Any = DEPENDENCY) -> None:
        raise AssertionError("it was called")

    def annotated(settings: Any = None) -> None:
        raise AssertionError("it was called")

    def of_request(limit: Any = QUERY) -> None:
        raise AssertionError("it was called")

    def needs(request: Any) -> None:
        raise AssertionError("it was called")

    annotated.__annotations__["settings"] = Annotated[Any, DEPENDENCY]
    assert "`settings` is a dependency" in called(module, annotated).call.skipped
    assert "`limit` is taken from each request" in called(module, of_request).call.skipped
    assert "`settings` is a dependency" in called(module, resolved).call.skipped
    assert "'request'" in called(module, needs).call.skipped
    assert "not a function" in called(module, KEPT).call.skipped


def test_second_call_that_fails_leaves_identity_unknown(module: ModuleType) -> None:
    results = iter([KEPT])
    provided = called(module, lambda: next(results), twice=True)
    assert (provided.value, provided.call.varies) == (KEPT, None)
    assert "StopIteration" in provided.second


def test_provider_runs_in_the_event_loop_and_the_main_thread(module: ModuleType) -> None:
    async def run() -> tuple[bool, bool]:
        loop = asyncio.get_running_loop()
        same_loop = await call(module, lambda: asyncio.get_running_loop() is loop)
        same_thread = await call(module, lambda: threading.current_thread() is threading.main_thread())
        return bool(same_loop.value), bool(same_thread.value)

    assert asyncio.run(run()) == (True, True)


def test_provider_that_hangs_is_stopped(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "TIMEOUT_S", 0.05)
    never = threading.Event()

    async def waits() -> None:
        await asyncio.Event().wait()

    def spins() -> None:
        while not never.is_set():
            pass

    for function in (never.wait, spins, waits):
        assert "did not return within 0.05 s" in called(module, function).call.skipped


def test_timer_and_handler_of_the_application_are_put_back() -> None:
    rings: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: rings.append(number))
    try:
        handler = signal.getsignal(signal.SIGALRM)
        signal.setitimer(signal.ITIMER_REAL, 100)
        with pytest.raises(Stopped), stopping_after(0.01):
            threading.Event().wait()
        assert signal.getsignal(signal.SIGALRM) is handler
        assert 90 < signal.setitimer(signal.ITIMER_REAL, 0)[0] <= 100
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not rings


def test_code_in_another_thread_is_not_stopped() -> None:
    outcome: list[str] = []

    def run() -> None:
        with stopping_after(0.0001):
            outcome.append("ran")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert outcome == ["ran"]
