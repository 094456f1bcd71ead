"""NC201 to NC208: one component and its contract."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from netra_contracts.contracts.model import ContractSource, Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.app_states import ObservedState
from tests.unit.checks.evidence import Startup, at, contract, fault, raised


def test_contract_that_holds_reports_no_finding() -> None:
    terms: dict[str, Any] = {
        "type": "shop:Pool",
        "methods": ["add(user)"],
        "attributes": ("size",),
        "bounds": {"gt": 0},
    }
    judgement = Startup(contract("pool", "initialization", **terms)).sets("pool", 5).judged()
    assert judgement[:3] == ((), (), ())


def test_NC201_carries_severity_phase_and_impact_of_the_contract() -> None:
    terms: dict[str, Any] = {"severity": "warning", "impact": "No events", "docs": "https://docs.example/pool"}
    origin = ContractSource(text="contracts.toml:3", location=at(3, "contracts.toml"))
    assert Startup(contract("pool", "initialization", origin=origin, **terms)).found() == Finding(
        code="NC201",
        severity=Severity.WARNING,
        message="`pool` was never set",
        component="pool",
        phase=Phase.INITIALIZATION,
        location=at(3, "contracts.toml"),
        impact="No events",
        docs="https://docs.example/pool",
        hint="set it during startup, or declare `optional = true` if it may be absent",
    )


def test_NC201_suggests_the_nearest_name_that_was_set() -> None:
    finding = Startup(contract("bridge")).sets("brigde", 5).found()
    assert finding.hint == "did you mean `brigde`?"


def test_NC201_names_the_address_at_which_the_component_is_set() -> None:
    startup = Startup(contract("pool")).sets("/api:pool", 5)
    assert startup.found().hint.startswith("it is set as `/api:pool`")


def test_missing_component_blocks_its_direct_and_indirect_dependants() -> None:
    startup = Startup(
        contract("factory", requires=("bridge",), type="shop:Factory"),
        contract("bridge", wires={"_pool": "pool"}, type="shop:Bridge"),
        contract("pool"),
        contract("cache"),
    )
    startup.sets("bridge", 5).sets("factory", 6).sets("cache", 7)
    startup.answers("fits", "factory", holds=False).answers("same", "bridge", "_pool", holds=False)
    assert startup.codes() == [("NC201", "pool")]
    assert startup.blocked() == {"factory": "pool", "bridge": "pool"}
    assert startup.not_run() == []


@pytest.mark.parametrize("broken", ["none", "wrong_type", "lost"])
def test_component_that_is_none_or_lost_or_of_the_wrong_type_blocks_its_dependants(broken: str) -> None:
    startup = Startup(contract("pool", type="shop:Pool"), contract("bridge", requires=("pool",))).sets("pool", 5)
    if broken == "none":
        startup = Startup(*startup.contracts).sets_none("pool", 5)
    elif broken == "wrong_type":
        startup.answers("fits", "pool", holds=False)
    else:
        startup.deletes("pool", 6)
    startup.sets("bridge", 9)
    assert startup.blocked() == {"bridge": "pool"}
    assert len(startup.findings()) == 1


def test_absent_optional_component_blocks_nothing() -> None:
    startup = Startup(contract("cache", optional=True, type="shop:Cache"), contract("bridge", requires=("cache",)))
    judgement = startup.sets("bridge", 5).judged()
    assert judgement[:3] == ((), (), ())


def test_required_component_without_a_contract_reports_NC201_once_with_its_dependants() -> None:
    startup = Startup(
        contract("bridge", requires=("pool",), severity="warning"),
        contract("factory", wires={"_pool": "pool"}, impact="No events"),
    )
    finding = startup.sets("bridge", 5).sets("factory", 6).found()
    assert (finding.code, finding.component, finding.message) == ("NC201", "pool", "`pool` was never set")
    assert (finding.severity, finding.impact) == (Severity.ERROR, "No events"), "the most severe contract decides"
    assert finding.causes == (Cause(message="`bridge` depends on it"), Cause(message="`factory` depends on it"))
    assert startup.blocked() == {"bridge": "pool", "factory": "pool"}


def test_required_component_without_a_contract_that_is_none_reports_NC202() -> None:
    finding = Startup(contract("bridge", requires=("pool",))).sets_none("pool", 4).sets("bridge", 5).found()
    assert (finding.code, finding.component) == ("NC202", "pool")
    assert finding.causes[0] == Cause(message="it was set to None here", location=at(4), ms=4.0)


def test_required_component_without_a_contract_that_was_lost_reports_NC305() -> None:
    startup = Startup(contract("bridge", requires=("pool",))).sets("pool", 4).sets("bridge", 5).deletes("pool", 6)
    finding = startup.found()
    assert (finding.code, finding.component, finding.severity) == ("NC305", "pool", Severity.ERROR)
    assert startup.blocked() == {"bridge": "pool"}


def test_absent_optional_component_requires_nothing() -> None:
    assert Startup(contract("bridge", optional=True, requires=("pool",))).findings() == ()


def test_NC202_is_located_at_the_line_that_set_none() -> None:
    finding = Startup(contract("pool")).sets_none("pool", 7).found()
    assert (finding.code, finding.message, finding.location) == ("NC202", "`pool` is None", at(7))
    assert finding.causes == (Cause(message="it was set to None here", location=at(7), ms=7.0),)


def test_NC202_in_an_exception_handler_names_the_exception_and_what_led_to_it() -> None:
    handled = (raised("shop.NoPool", "no pool", 5), raised("OSError", "refused", 3, link="cause"))
    finding = Startup(contract("pool")).sets_none("pool", 7, *handled).found()
    assert finding.causes == (
        Cause(message="it was set to None here, in an exception handler", location=at(7), ms=7.0),
        Cause(message="`lifespan` raised shop.NoPool: no pool", location=at(5)),
        Cause(message="caused by OSError: refused", location=at(3)),
    )


def test_NC305_of_an_entry_that_an_exception_handler_deleted_names_the_exception() -> None:
    library = Location("/venv/lib/asyncpg/connect.py", 9, "connect")
    handled = replace(raised("OSError", "refused", 5), trace=(at(5), library))
    finding = Startup(contract("pool")).sets("pool", 4).deletes("pool", 6, handled).found()
    assert (finding.code, [cause.message for cause in finding.causes]) == (
        "NC305",
        [
            "`pool` was deleted here, in an exception handler",
            "this call raised OSError: refused",
            "`pool` was first set here",
        ],
    )


def test_NC202_of_a_marked_phase_is_located_at_the_last_write_of_that_phase() -> None:
    startup = Startup(contract("pool", "initialization")).sets_none("pool", 7).marks_end_of("initialization", 8)
    assert startup.sets_none("pool", 9).found().location == at(7)


@pytest.mark.parametrize("terms", [{"optional": True, "type": "shop:Pool"}, {"type": "shop:Pool | None"}])
def test_contract_that_allows_none_is_held_by_none(terms: dict[str, Any]) -> None:
    startup = Startup(contract("pool", attributes=("size",), **terms)).sets_none("pool", 7)
    assert startup.judged()[:3] == ((), (), ())


def test_contract_with_an_alias_that_names_none_is_held_by_none() -> None:
    startup = Startup(contract("pool", type="shop:MaybePool", attributes=("size",))).sets("pool", 6)
    startup.sets_none("pool", 7).answers("fits", "pool", holds=True)
    assert startup.judged()[:3] == ((), (), ())


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("shop.db:engine", "`shop.db` is not an application with a state; these are: `/web`"),
        ("/api:pool", "no application with a state is mounted at `/api`; these are: `/web`"),
        ("/web:pool", "set it during startup"),
        ("lifespan:pool", "set it during startup"),
        ("pool", "set it during startup"),
    ],
)
def test_NC201_of_an_address_that_names_no_state_says_which_ones_exist(address: str, hint: str) -> None:
    states = tuple(ObservedState(prefix, "starlette.datastructures:State") for prefix in ("", "/web"))
    finding = Startup(contract(address)).sees(states=states).found()
    assert (finding.code, finding.hint[: len(hint)]) == ("NC201", hint)


def test_component_without_a_contract_that_is_none_reports_NC202_as_a_note() -> None:
    finding = Startup().sets_none("pool", 7).found()
    assert (finding.code, finding.severity, finding.location) == ("NC202", Severity.NOTE, at(7))


def test_none_after_a_failed_startup_is_not_reported() -> None:
    startup = Startup(contract("pool")).sets_none("pool", 7).sets_none("cache", 8)
    startup.fails("startup", fault("raised", raised("ValueError", "no", 9)))
    assert startup.codes() == [("NC108", "")]
    assert startup.blocked() == {"pool": "startup"}


def test_component_that_was_set_before_startup_failed_is_judged() -> None:
    startup = Startup(contract("pool", type="shop:Pool"), contract("bridge")).sets("pool", 5)
    startup.answers("fits", "pool", holds=False, actual="builtins:dict")
    startup.fails("startup", fault("raised", raised("ValueError", "no", 9)))
    assert startup.codes() == [("NC108", ""), ("NC203", "pool")]
    assert startup.blocked() == {"bridge": "startup"}


def test_component_that_was_set_before_the_process_died_is_blocked_with_the_reason() -> None:
    startup = Startup(contract("pool"), contract("bridge"), contract("cache"))
    startup.sets("pool", 5).sets("cache", 6).deletes("cache", 7).dies("startup", fault("died", message="SIGKILL"))
    assert {entry.component: entry.reason for entry in startup.judged().blocked} == {
        "pool": "startup ended before it could be examined",
        "bridge": "startup ended before it was set",
        "cache": "startup ended before it was set permanently",
    }


def test_NC203_names_both_types_and_the_line() -> None:
    startup = Startup(contract("pool", type="shop.ws:Pool")).sets("pool", 5)
    finding = startup.answers("fits", "pool", holds=False, actual="dict", detail="it lacks `add`").found()
    assert finding.message == "`pool` is of type `dict`, not `shop.ws.Pool`: it lacks `add`"
    assert (finding.code, finding.location) == ("NC203", at(5))


def test_type_that_cannot_be_determined_is_not_run_and_not_held() -> None:
    startup = Startup(contract("pool", type="shop:Pol")).sets("pool", 5)
    startup.answers("fits", "pool", holds=None, detail="there is no `Pol` in `shop`", near="shop:Pool")
    (entry,) = startup.judged().not_run
    assert (entry.code, entry.component) == ("NC203", "pool")
    assert entry.reason == "its type cannot be determined: there is no `Pol` in `shop`; did you mean `shop:Pool`?"


@pytest.mark.parametrize(
    ("path", "facts", "message"),
    [
        ("size", {"is_none": True}, "`pool.size` is None"),
        ("size", {"missing": "size"}, "`pool.size` does not exist"),
        ("limits.total", {"missing": "total"}, "`pool.limits.total` does not exist (there is no `total`)"),
        ("size", {"missing": "size", "detail": "it raised"}, "`pool.size` does not exist: it raised"),
    ],
)
def test_NC204_names_the_step_of_the_path_that_fails(path: str, facts: dict[str, Any], message: str) -> None:
    startup = Startup(contract("pool", attributes=(path,))).sets("pool", 5)
    finding = startup.answers("attribute", "pool", path, holds=False, **facts).found()
    assert (finding.code, finding.subject, finding.message) == ("NC204", path, message)


def test_NC204_suggests_the_nearest_attribute() -> None:
    startup = Startup(contract("pool", attributes=("totl",))).sets("pool", 5)
    startup.answers("attribute", "pool", "totl", holds=False, missing="totl", near="total")
    assert startup.found().hint == "did you mean `total`?"


@pytest.mark.parametrize(
    ("facts", "code", "subject", "message"),
    [
        ({"missing": "add"}, "NC205", "add", "`pool.add` does not exist"),
        (
            {"reason": "not-callable", "actual": "int"},
            "NC205",
            "add not-callable",
            "`pool.add` is not callable: its type is `int`",
        ),
        ({"reason": "not-async"}, "NC205", "add not-async", "`pool.add` is not async"),
        (
            {"reason": "call-refused", "detail": "too many positional arguments", "location": at(3, "ws.py")},
            "NC206",
            "add(user, socket)",
            "`pool.add(user, socket)` would fail: too many positional arguments",
        ),
    ],
)
def test_method_that_is_missing_or_rejects_the_call_reports_NC205_or_NC206(
    facts: dict[str, Any], code: str, subject: str, message: str
) -> None:
    startup = Startup(contract("pool", methods=["add(user, socket)"])).sets("pool", 5)
    finding = startup.answers("method", "pool", "add", holds=False, **facts).found()
    assert (finding.code, finding.subject, finding.message) == (code, subject, message)
    assert finding.location == facts.get("location", at(5))


def test_method_whose_signature_cannot_be_read_is_not_run() -> None:
    startup = Startup(contract("pool", methods=["add(user)"])).sets("pool", 5)
    startup.answers("method", "pool", "add", holds=None, detail="its signature cannot be read")
    assert startup.not_run() == [("NC206", "pool", "add")]


def test_method_that_cannot_be_inspected_is_not_run() -> None:
    startup = Startup(contract("pool", methods=["add"])).sets("pool", 5)
    startup.answers("method", "pool", "add", holds=None, detail="add cannot be read: it blocks")
    assert startup.not_run() == [("NC205", "pool", "add")]


def test_test_double_without_a_contract_reports_NC207_as_a_warning() -> None:
    finding = Startup().sets("llm", 5).double("llm", "unittest.mock.MagicMock").found()
    assert (finding.code, finding.severity, finding.location) == ("NC207", Severity.WARNING, at(5))
    assert finding.message == "`llm` is a test double: `unittest.mock.MagicMock`"


def test_test_double_with_a_contract_reports_NC207_once_with_the_severity_of_the_contract() -> None:
    startup = Startup(contract("llm", type="shop:Model")).sets("llm", 5).double("llm", "MagicMock")
    finding = startup.answers("fits", "llm", holds=False).found()
    assert (finding.code, finding.severity) == ("NC207", Severity.ERROR)


def test_test_double_that_the_contract_declares_is_not_reported() -> None:
    startup = Startup(contract("llm", type="unittest.mock:MagicMock")).sets("llm", 5).double("llm", "MagicMock")
    assert startup.findings() == ()


def test_test_double_that_is_blocked_is_not_reported() -> None:
    startup = Startup(contract("pool"), contract("llm", requires=("pool",))).sets("llm", 5).double("llm", "MagicMock")
    assert startup.codes() == [("NC201", "pool")]


def test_NC208_shows_the_operand_and_never_the_value() -> None:
    startup = Startup(contract("port", bounds={"multiple_of": 10, "gt": 0})).sets("port", 5)
    finding = startup.answers("bound", "port", "multiple_of", holds=False).found()
    assert finding.message == "`port` violates its constraint `multiple-of = 10`"
    assert (finding.code, finding.subject, finding.location) == ("NC208", "multiple_of", at(5))


def test_constraint_that_cannot_be_checked_is_not_run() -> None:
    startup = Startup(contract("port", bounds={"gt": 0}, uncheckable=("AfterValidator",))).sets("port", 5)
    startup.answers("bound", "port", "gt", holds=None, detail="for plain values only")
    assert startup.not_run() == [("NC208", "port", "AfterValidator"), ("NC208", "port", "gt")]


def test_findings_of_one_component_have_different_fingerprints() -> None:
    startup = Startup(contract("pool", attributes=("a", "b"), methods=["a", "b"])).sets("pool", 5)
    for path in ("a", "b"):
        startup.answers("attribute", "pool", path, holds=False).answers(
            "method", "pool", path, holds=False, missing=path
        )
    assert len({finding.fingerprint for finding in startup.findings()}) == 4


def test_absent_optional_component_does_not_hide_another_missing_component() -> None:
    startup = Startup(contract("bridge", requires=("pool",), optional=True), contract("engine", requires=("bridge",)))
    assert startup.codes() == [("NC201", "engine")]
    assert startup.blocked() == {}
