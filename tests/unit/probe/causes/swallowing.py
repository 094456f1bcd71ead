"""Functions that catch exceptions, for `test_caught_exceptions`. Python 3.9 and the standard library alone."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace
from typing import Any

STATE: Any = SimpleNamespace()


def connect() -> Any:
    raise ConnectionRefusedError("refused")


async def connect_later() -> Any:
    await asyncio.sleep(0)
    return connect()


# Each function leaves `pool` missing or None, and an exception explains it.


def passed_over() -> None:
    try:  # noqa: SIM105 - as applications do
        STATE.pool = connect()
    except OSError:
        pass


def suppressed() -> None:
    with contextlib.suppress(OSError):
        STATE.pool = connect()


def second_clause() -> None:
    try:
        STATE.pool = connect()
    except ValueError:
        STATE.pool = object()
    except (LookupError, OSError):
        STATE.other = 1


def in_a_key() -> None:
    entries: dict[str, Any] = {}
    with contextlib.suppress(OSError):
        entries["pool"] = connect()


def by_setattr_with_a_variable() -> None:
    for name in ("pool",):
        try:
            setattr(STATE, name, connect())
        except OSError:
            STATE.failed = True


def by_update() -> None:
    with contextlib.suppress(OSError):
        vars(STATE).update(pool=connect())


def in_a_function_below() -> None:
    def start() -> None:
        STATE.pool = connect()

    try:
        start()
    except OSError:
        STATE.failed = True


def set_pool() -> None:
    STATE.pool = object()


def before_the_function_that_sets_it() -> None:
    try:
        connect()
        set_pool()
    except OSError:
        STATE.failed = True


def returned_early() -> None:
    try:
        connection = connect()
    except OSError:
        return
    STATE.pool = SimpleNamespace(connection=connection)


def through_a_variable() -> None:
    pool = None
    try:
        pool = connect()
    except OSError:
        STATE.failed = True
    STATE.pool = pool


def raised_again_and_caught_further_out() -> None:
    def start() -> None:
        try:
            STATE.pool = connect()
        except OSError as error:
            raise RuntimeError("no pool") from error

    try:
        start()
    except RuntimeError:
        STATE.failed = True


def after_finally() -> None:
    try:
        try:
            STATE.pool = connect()
        finally:
            STATE.tried = True
    except OSError:
        STATE.failed = True


def in_a_coroutine() -> None:
    async def start() -> None:
        try:
            STATE.pool = await connect_later()
        except OSError:
            STATE.failed = True

    asyncio.run(start())


def in_a_gather() -> None:
    async def start() -> None:
        STATE.pool = await connect_later()

    async def main() -> None:
        await asyncio.gather(start(), return_exceptions=True)

    asyncio.run(main())


SKIPS = (
    passed_over,
    suppressed,
    second_clause,
    in_a_key,
    by_setattr_with_a_variable,
    by_update,
    in_a_function_below,
    before_the_function_that_sets_it,
    returned_early,
    through_a_variable,
    raised_again_and_caught_further_out,
    after_finally,
    in_a_coroutine,
    in_a_gather,
)


# The None that is written is the result of a function that caught an exception.


def or_none() -> Any:
    try:
        return connect()
    except OSError:
        return None


def or_nothing() -> Any:
    pool = None
    try:
        pool = connect()
    except OSError:
        STATE.failed = True
    return pool


def direct() -> None:
    STATE.pool = or_none()


def by_variable() -> None:
    found = or_nothing()
    STATE.pool = found


def by_retries() -> None:
    def retried() -> Any:
        for _ in range(3):
            try:
                return connect()
            except OSError:
                continue
        return None

    STATE.pool = retried()


def with_a_default() -> None:
    def or_default(function: Any, default: Any = None) -> Any:
        try:
            return function()
        except Exception:  # noqa: BLE001 - as applications do
            return default

    STATE.pool = or_default(connect)


def yielded() -> None:
    @contextlib.contextmanager
    def connection() -> Any:
        try:
            made = connect()
        except OSError:
            yield None
            return
        yield made

    with contextlib.ExitStack() as stack:
        STATE.pool = stack.enter_context(connection())


def in_a_branch() -> None:
    def is_reachable() -> bool:
        try:
            connect()
            return True  # noqa: TRY300 - as applications do
        except OSError:
            return False

    if is_reachable():
        STATE.pool = object()


RESULTS = (direct, by_variable, by_retries, with_a_default, yielded, in_a_branch)

# Exceptions that have nothing to do with what is set, or are replaced by something else.


def other_name() -> None:
    try:
        STATE.other = connect()
    except OSError:
        STATE.failed = True
    STATE.pool = None


def replaced_by_another() -> None:
    try:
        STATE.pool = connect()
    except OSError:
        STATE.pool = object()


def cache_miss() -> None:
    cache: dict[str, Any] = {}

    def pool() -> Any:
        try:
            return cache["pool"]
        except KeyError:
            made = cache["pool"] = object()
            return made

    STATE.pool = pool()


def optional_import() -> None:
    def fast_loop() -> Any:
        try:
            import uvloop_that_does_not_exist as uvloop  # type: ignore[import-not-found]  # it must not exist

            uvloop.install()
        except ImportError:
            STATE.failed = True

    STATE.pool = fast_loop()


def after_the_statement() -> None:
    try:
        connect()
    except OSError:
        STATE.failed = True
    STATE.pool = None


def stop_iteration() -> None:
    try:
        STATE.pool = next(iter(()))
    except StopIteration:
        STATE.failed = True


UNRELATED = (other_name, replaced_by_another, cache_miss, optional_import, after_the_statement, stop_iteration)
