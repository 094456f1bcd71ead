"""Findings about components below an entry, in modules and from providers."""

from __future__ import annotations

from typing import Any

import pytest

from netra_contracts.protocol.observed.answers import DuplicateModule, FailedImport, ProviderCall
from tests.unit.checks.evidence import Startup, at, contract, fault, raised


@pytest.mark.parametrize("answer", [{"is_none": True}, {"holds": False, "actual": "shop:Other"}])
def test_fault_of_an_entry_is_the_cause_of_what_is_below_it(answer: dict[str, Any]) -> None:
    startup = Startup(contract("ctx", type="shop:Context"), contract("ctx.pool"))
    if "is_none" in answer:
        startup.sets_none("ctx", 5)
    else:
        startup.sets("ctx", 5).answers("fits", "ctx", **answer)
    missing = "`ctx` has no `pool`"
    startup.answers("present", "ctx.pool", holds=False, missing="ctx.pool", detail=missing).sets("ctx.pool", 6)
    assert [component for _, component in startup.roots()] == ["ctx"]
    assert {component for _, component in startup.codes()} == {"ctx", "ctx.pool"}


def test_entry_that_was_never_set_is_reported_once_for_all_that_is_below_it() -> None:
    startup = Startup(contract("ctx.pool"), contract("ctx.bus", optional=False), contract("pool")).sets("pool", 3)
    for name in ("ctx.pool", "ctx.bus"):
        startup.sets(name, 4).answers("present", name, holds=False, missing="ctx")
    assert startup.roots() == [("NC201", "ctx")]
    assert sorted(startup.codes()) == [("NC201", "ctx"), ("NC201", "ctx.bus"), ("NC201", "ctx.pool")]


def test_NC201_of_a_module_that_was_not_imported_has_its_own_message() -> None:
    startup = Startup(contract("shop.db:engine")).sets("shop.db:engine", 4)
    startup.answers("present", "shop.db:engine", holds=False, missing="shop.db:engine", reason="not-imported")
    finding = startup.found()
    assert finding.message == "`shop.db:engine` does not exist: the application did not import `shop.db`"
    assert "`imports = true`" in finding.hint


def test_NC201_of_a_module_whose_name_is_nearly_that_of_an_imported_one_suggests_it() -> None:
    startup = Startup(contract("shop.dbb:engine")).sets("shop.dbb:engine", 4)
    startup.answers(
        "present", "shop.dbb:engine", holds=False, missing="x", reason="not-imported", near="shop.db:engine"
    )
    assert startup.found().hint == "did you mean `shop.db:engine`?"


def test_NC201_of_a_provider_that_raises_has_the_exception_as_its_cause() -> None:
    name = "shop.db:get_engine()"
    failure = fault("raised", raised("OSError", "refused", 9))
    startup = Startup(contract(name)).sets(name, 4).sees(providers=(ProviderCall(name, failure=failure),))
    startup.answers("present", name, holds=False, missing=name, reason="raised", detail="the call raised OSError")
    finding = startup.found()
    assert (finding.location, finding.causes[0].message) == (at(9), "`lifespan` raised OSError: refused")


def test_NC201_of_a_failed_import_has_the_exception_as_its_cause() -> None:
    name = "shop.db:engine"
    failure = fault("raised", raised("OSError", "refused", 9))
    startup = Startup(contract(name, imports=True)).sets(name, 4)
    startup.sees(failed_imports=(FailedImport("shop.db", failure),))
    startup.answers("present", name, holds=False, missing=name, reason="raised", detail="importing `shop.db` failed")
    assert startup.found().location == at(9)


def test_NC203_names_the_file_that_was_loaded_twice_only_where_the_class_is_the_same() -> None:
    twice = (DuplicateModule("/home/ada/shop/db.py", ("shop.db", "src.shop.db")),)
    for actual, is_named in (("src.shop.db:Pool", True), ("src.shop.db:Other", False), ("shop.other:Pool", False)):
        startup = Startup(contract("pool", type="shop.db:Pool")).sets("pool", 4).sees(duplicate_modules=twice)
        startup.answers("fits", "pool", holds=False, actual=actual)
        assert any("db.py was loaded as" in cause.message for cause in startup.found().causes) is is_named


def test_NC203_names_a_class_that_was_defined_again() -> None:
    startup = Startup(contract("pool", type="shop.db:Pool")).sets("pool", 4)
    startup.answers("fits", "pool", holds=False, actual="shop.db:Pool")
    finding = startup.found()
    assert (
        finding.message == "`pool` is of another class of the name `shop.db.Pool` than the one that `shop.db` has now"
    )
    assert "a reload of `shop.db`" in finding.hint


def test_component_that_nothing_asked_about_is_unknown_to_phase_checks_and_not_missing() -> None:
    statuses = Startup(contract("pool")).sets("pool", 3).judged().context.statuses
    assert (statuses.of("ctx.pool"), statuses.of("shop.db:engine"), statuses.of("other")) == (
        "unknown",
        "unknown",
        "missing",
    )


def test_required_component_below_an_entry_is_asked_for_and_reported_if_it_is_missing() -> None:
    startup = Startup(contract("bridge", requires=("ctx.pool",))).sets("bridge", 3)
    assert startup.roots() == [("NC201", "ctx.pool")]
    assert startup.blocked() == {"bridge": "ctx.pool"}
    there = Startup(contract("bridge", requires=("ctx.pool",))).sets("ctx.pool", 2, compared=True).sets("bridge", 3)
    assert there.codes() == []


def test_contract_of_a_provider_is_judged_after_startup_and_never_at_a_mark() -> None:
    name = "shop.db:get_engine()"
    startup = Startup(contract(name, "initialization"), contract("pool", "initialization"))
    startup.sets("pool", 2).marks_end_of("initialization", 5).sets(name, 9, compared=True)
    assert startup.codes() == []
    assert {item.question.component: item.phase for item in startup.recording().plan.items} == {
        name: None,
        "pool": "initialization",
    }


def test_modules_are_imported_only_for_contracts_that_ask_for_it() -> None:
    startup = Startup(contract("shop.db:engine", imports=True, same_as="shop.pool:engine"), contract("shop.x:y"))
    assert startup.recording().plan.imports == ("shop.db", "shop.pool")


def test_writes_below_an_entry_that_were_compared_are_said_to_be_unseen_once() -> None:
    startup = Startup(*(contract(f"ctx.a{number}") for number in range(5)), contract("nested.pool"))
    for number in range(5):
        startup.sets(f"ctx.a{number}", 3 + number, compared=True)
    startup.sets("nested.pool", 9)
    (entry,) = (entry for entry in startup.judged().not_run if entry.code == "NC305")
    assert entry.subject == "`ctx.a0`, `ctx.a1`, `ctx.a2` and 2 more"
    assert startup.judged().statuses["ctx.a0"] == "held"


def test_NC202_of_a_provider_says_that_it_returned_None() -> None:
    name = "shop.db:get_engine()"
    startup = Startup(contract(name)).sets_none(name, 4)
    startup.sees(providers=(ProviderCall(name, location=at(30, "db.py")),))
    finding = startup.found()
    assert (finding.code, finding.location) == ("NC202", at(30, "db.py"))
    assert "returned None" in finding.causes[0].message
