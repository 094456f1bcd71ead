"""The exception that is handled where None is set or an entry is deleted."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import starlette.datastructures
from starlette.datastructures import State

from netra_contracts.probe.causes.handled_exceptions import MOST_EXCEPTIONS, HandledExceptions
from netra_contracts.probe.startup.instrumentation import hook_state_module
from netra_contracts.probe.startup.states.recorder import Recorder


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    made = Recorder()
    hook_state_module(made)(starlette.datastructures)
    yield made
    made.unhook()
    made.pause()


def connect() -> Any:
    raise ConnectionRefusedError("refused")


def in_the_handler(state: State) -> None:
    try:
        state.pool = connect()
    except OSError:
        state.pool = None


def in_a_function_that_the_handler_calls(state: State) -> None:
    try:
        state.pool = connect()
    except OSError:
        setattr(state, "pool", None)  # noqa: B010 - as helpers that get the name do


def in_a_context_manager(state: State) -> None:
    @contextlib.contextmanager
    def optional() -> Iterator[None]:
        try:
            yield
        except OSError:
            state.pool = None

    with optional():
        state.pool = connect()


def by_deletion(state: State) -> None:
    state.pool = object()
    try:
        connect()
    except OSError:
        del state.pool


def in_finally(state: State) -> None:
    with contextlib.suppress(OSError):
        try:
            state.pool = connect()
        finally:
            state.pool = None


def in_a_coroutine(state: State) -> None:
    async def start() -> None:
        try:
            await asyncio.sleep(0)
            state.pool = connect()
        except OSError:
            state.pool = None

    asyncio.run(start())


def after_the_handler(state: State) -> None:
    with contextlib.suppress(OSError):
        connect()
    state.pool = None


def without_an_exception(state: State) -> None:
    state.pool = None


def in_a_loop_that_a_handler_started(state: State) -> None:
    async def start() -> None:
        state.pool = None

    try:
        connect()
    except OSError:
        asyncio.run(start())


@pytest.mark.parametrize(
    "write",
    [
        in_the_handler,
        in_a_function_that_the_handler_calls,
        in_a_context_manager,
        by_deletion,
        in_finally,
        in_a_coroutine,
    ],
)
def test_change_in_an_exception_handler_has_the_exception(write: Callable[[State], None], recorder: Recorder) -> None:
    write(State())
    (handled,) = recorder.entries[-1].handled
    assert (handled.type, handled.message) == ("ConnectionRefusedError", "refused")
    assert handled.trace[-1].function.endswith("connect")


@pytest.mark.parametrize("write", [after_the_handler, without_an_exception, in_a_loop_that_a_handler_started])
def test_change_outside_of_a_handler_has_no_exception(write: Callable[[State], None], recorder: Recorder) -> None:
    write(State())
    assert recorder.entries[-1].handled == ()


def test_write_of_another_object_in_a_handler_has_no_exception(recorder: Recorder) -> None:
    state = State()
    try:
        connect()
    except OSError:
        state.pool = object()
    assert recorder.entries[-1].handled == ()


def test_changes_during_shutdown_have_no_exception(recorder: Recorder) -> None:
    recorder.enter_stage("shutdown")
    in_the_handler(State())
    assert recorder.entries[-1].handled == ()


def test_chain_of_handled_exceptions_is_bounded() -> None:
    def fail(depth: int) -> None:
        try:
            connect() if depth == 0 else fail(depth - 1)
        except Exception as error:
            raise RuntimeError(depth) from error

    try:
        fail(MOST_EXCEPTIONS)
    except RuntimeError:
        chain = HandledExceptions().above(1)
    assert [raised.message for raised in chain] == [str(MOST_EXCEPTIONS - number) for number in range(MOST_EXCEPTIONS)]
