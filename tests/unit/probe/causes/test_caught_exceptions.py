"""Exceptions that are caught, and the names that they kept from being set."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import netra_contracts
from netra_contracts.probe.causes.caught_exceptions import CaughtExceptions
from netra_contracts.probe.causes.exception_hooks import ExceptionHook, ExceptionMonitor, ExceptionTrace
from netra_contracts.probe.inspection import own_code
from netra_contracts.protocol.observed.failures import CaughtException
from tests.interpreters import interpreters
from tests.unit.probe.causes import swallowing

HOOK: type[ExceptionHook] = ExceptionMonitor if hasattr(sys, "monitoring") else ExceptionTrace

#: What `observe` does, on another Python: the names that were found by function.
ON_ANOTHER_PYTHON = """
import importlib.util, json, sys, types
root, file = sys.argv[1:]
package = sys.modules["netra_contracts"] = types.ModuleType("netra_contracts")
package.__path__ = [root + "/netra_contracts"]
from netra_contracts.probe.causes.exception_hooks import ExceptionMonitor, ExceptionTrace
from netra_contracts.probe.inspection import own_code
own_code.set_target("")
spec = importlib.util.spec_from_file_location("swallowing", file)
target = importlib.util.module_from_spec(spec)
spec.loader.exec_module(target)
found = {}
for start in (*target.SKIPS, *target.RESULTS, *target.UNRELATED):
    hook = (ExceptionMonitor if hasattr(sys, "monitoring") else ExceptionTrace)(lambda: None)
    hook.install()
    start()
    hook.uninstall()
    found[start.__name__] = any("pool" in (*one.skipped, *one.results) for one in hook.records())
print(json.dumps(found))
"""


def observe(function: Callable[[], Any]) -> tuple[CaughtException, ...]:
    """Call a function of the target's own code, and return what was caught."""
    own_code.set_target("")
    hook = HOOK(lambda: None)
    traced = sys.gettrace()
    sys.settrace(None)  # that of a tool that measures the coverage of the tests
    hook.install()
    try:
        function()
    finally:
        hook.uninstall()
        sys.settrace(traced)
    return hook.records()


@pytest.mark.parametrize("start", swallowing.SKIPS)
def test_caught_exception_has_the_names_that_it_kept_from_being_set(start: Callable[[], None]) -> None:
    *_, caught = observe(start)
    assert "pool" in caught.skipped
    assert "ConnectionRefusedError" in [raised.type for raised in caught.chain]
    if start is not swallowing.in_a_gather:
        assert caught.handler is not None
        assert caught.handler.function.split(".")[0] == start.__name__


def test_handler_is_the_clause_that_fits_and_not_a_finally() -> None:
    *_, caught = observe(swallowing.after_finally)
    assert caught.handler is not None
    source = Path(swallowing.__file__).read_text(encoding="utf-8").splitlines()
    assert source[caught.handler.line - 1].strip() == "except OSError:"
    assert "STATE.tried = True" in source[caught.handler.line - 2]
    *_, caught = observe(swallowing.second_clause)
    assert caught.handler is not None
    assert source[caught.handler.line - 1].strip() == "except (LookupError, OSError):"


@pytest.mark.parametrize("start", swallowing.RESULTS)
def test_caught_exception_has_the_names_that_the_result_of_its_function_is_set_to(start: Callable[[], None]) -> None:
    *_, caught = observe(start)
    assert "pool" in caught.results


@pytest.mark.parametrize("start", swallowing.UNRELATED)
def test_unrelated_exception_does_not_have_the_name(start: Callable[[], None]) -> None:
    assert not any("pool" in (*caught.skipped, *caught.results) for caught in observe(start))


def test_repeated_exceptions_are_bounded() -> None:
    def start() -> None:
        for _ in range(1000):
            swallowing.passed_over()

    assert len(observe(start)) == 5


def test_trace_function_of_the_application_is_left_as_it_is() -> None:
    def theirs(frame: Any, event: str, argument: Any) -> None:
        return None

    traced = sys.gettrace()
    hook = ExceptionTrace(lambda: None)
    sys.settrace(theirs)
    try:
        hook.install()
        installed = sys.gettrace()
        hook.uninstall()
        after = sys.gettrace()
    finally:
        sys.settrace(traced)
    assert (installed, after) == (theirs, theirs)


def test_failing_record_does_not_reach_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise LookupError

    monkeypatch.setattr(CaughtExceptions, "landed", fail)
    assert observe(swallowing.passed_over) == ()


@pytest.mark.slow
@pytest.mark.parametrize("version", sorted(interpreters()))
def test_names_are_found_on_each_version(version: str) -> None:
    root = Path(netra_contracts.__file__).parent.parent
    command = [interpreters()[version], "-c", ON_ANOTHER_PYTHON, str(root), str(swallowing.__file__)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    found = json.loads(run.stdout)
    assert {name for name, named in found.items() if not named} == {start.__name__ for start in swallowing.UNRELATED}
