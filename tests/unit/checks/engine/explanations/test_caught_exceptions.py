"""Caught exceptions as causes of missing and None components."""

from __future__ import annotations

from typing import Any

import pytest

from netra_contracts.model.finding import Cause
from netra_contracts.protocol.observed.failures import CaughtException
from tests.unit.checks.evidence import Startup, at, contract, fault, raised

REFUSED = raised("OSError", "refused", 3)


def caught(ms: float = 10.0, **facts: Any) -> CaughtException:
    return CaughtException((REFUSED,), ms, **{"handler": at(5), **facts})


def causes(startup: Startup, *found: CaughtException) -> list[str]:
    return [cause.message for cause in startup.sees(caught_exceptions=found).found().causes]


def test_NC201_names_the_last_exception_that_kept_the_component_from_being_set() -> None:
    first = caught(8.0, skipped=("pool",), handler=at(9))
    startup = Startup(contract("pool")).sees(caught_exceptions=(first, caught(skipped=("other", "pool"))))
    assert startup.found().causes == (
        Cause(message="OSError was caught here", location=at(5), ms=10.0),
        Cause(message="`lifespan` raised OSError: refused", location=at(3)),
    )
    assert "let the exception end the startup" in startup.found().hint


def test_NC201_with_a_caught_exception_is_not_misspelt() -> None:
    startup = Startup(contract("pool")).sets("poool", 4)
    assert "did you mean" in startup.found().hint
    assert "did you mean" not in startup.sees(caught_exceptions=(caught(skipped=("pool",)),)).found().hint


def test_exception_that_a_library_or_task_caught_has_no_handler() -> None:
    found = causes(Startup(contract("api.pool")), caught(skipped=("pool",), handler=None))
    assert found == ["`lifespan` raised OSError: refused"]


@pytest.mark.parametrize("facts", [{"skipped": ("pool",)}, {"results": ("pool",)}, {"task_created": at(7)}])
def test_NC202_names_the_exception_that_explains_none(facts: dict[str, Any]) -> None:
    found = causes(Startup(contract("lifespan:pool")).sets_none("lifespan:pool", 7), caught(**facts))
    assert found == ["it was set to None here", "OSError was caught here", "`lifespan` raised OSError: refused"]


def test_NC202_in_a_handler_names_what_was_handled_alone() -> None:
    startup = Startup(contract("pool")).sets_none("pool", 7, raised("ValueError", "x", 6))
    found = causes(startup, caught(skipped=("pool",)))
    assert found == ["it was set to None here, in an exception handler", "`lifespan` raised ValueError: x"]


def test_exception_before_the_component_was_set_explains_nothing() -> None:
    startup = Startup(contract("pool")).sets("pool", 20).sets_none("pool", 30)
    assert "caught" not in " ".join(causes(startup, caught(10.0, skipped=("pool",))))


def test_unrelated_exception_explains_nothing() -> None:
    unrelated = caught(skipped=("uvloop",), results=("loop",), task_created=at(70))
    assert causes(Startup(contract("pool")), unrelated) == []
    assert causes(Startup(contract("pool")).sets_none("pool", 7), unrelated) == ["it was set to None here"]


def test_startup_that_failed_was_not_swallowed() -> None:
    startup = Startup(contract("pool")).fails("startup", fault("raised", REFUSED))
    assert "caught" not in " ".join(causes(startup, caught(skipped=("pool",))))
