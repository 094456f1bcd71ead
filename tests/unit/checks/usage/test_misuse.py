"""NC702, judged from recordings that are made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding
from netra_contracts.protocol.plan import QuestionKind
from netra_contracts.protocol.source_usage import StateAccess, Use, UseAnswer, UseKind
from tests.unit.checks.evidence import contract, fault, raised
from tests.unit.checks.usage.records import UsedStartup, access, answer, line, read, use

GET = use("call", 7, "fetch", signature="(a)")


def startup(*accesses: StateAccess, answers: tuple[UseAnswer, ...] = (), **contract_terms: Any) -> UsedStartup:
    """A startup that sets `pool` at line 10 of `startup.py`."""
    started = UsedStartup(*([contract("pool", **contract_terms)] if contract_terms else []))
    started.sets("pool", 10)
    return started.reads_sources(*accesses).adds(answers=answers)


def reported(started: UsedStartup) -> list[Finding]:
    """The findings NC702."""
    return [finding for finding in started.findings() if finding.code == "NC702"]


def refusal(**more: Any) -> UseAnswer:
    """The answer that `fetch` refuses a call."""
    return answer("call", "pool", "fetch", asked={"signature": "(a)"}, **more)


OF_TYPE = "but it is of type `shop.Pool`, which"

MESSAGES: list[tuple[UseKind, QuestionKind, str, str, str]] = [
    ("attribute", "exists", "fetch", "fetch", "`pool.fetch` is read at routes.py:7, but `shop.Pool` has no `fetch`"),
    ("call", "call", "fetch", "fetch", "`pool.fetch` is called at routes.py:7, but `shop.Pool` has no `fetch`"),
    ("call", "call", "size", "", f"`pool.size` is called at routes.py:7, {OF_TYPE} is not callable"),
    ("call", "call", "", "", f"`pool` is called at routes.py:7, {OF_TYPE} is not callable"),
    ("await", "await", "", "", f"`pool` is awaited at routes.py:7, {OF_TYPE} cannot be awaited"),
    (
        "async-with",
        "async-with",
        "",
        "",
        f"`pool` is used in `async with` at routes.py:7, {OF_TYPE} is no async context manager",
    ),
    ("iterate", "iterate", "items", "", f"`pool.items` is iterated at routes.py:7, {OF_TYPE} cannot be iterated"),
    ("subscript", "subscript", "", "", f"`pool` is subscripted at routes.py:7, {OF_TYPE} cannot be subscripted"),
]


@pytest.mark.parametrize(("kind", "question", "path", "missing", "message"), MESSAGES, ids=str)
def test_use_that_the_object_does_not_allow_reports_NC702(
    kind: UseKind, question: QuestionKind, path: str, missing: str, message: str
) -> None:
    refused = answer(question, "pool", path, asked={}, missing=missing)
    (finding,) = reported(startup(read("pool", 6, use(kind, 7, path)), answers=(refused,)))
    assert finding.message == message
    assert (finding.component, finding.severity, finding.location) == ("pool", Severity.WARNING, line(7))
    assert [cause.message for cause in finding.causes] == ["`pool` was set here"]


def test_refused_arguments_are_named_with_the_line_of_the_function() -> None:
    defined = line(3, "pool.py", "Pool.fetch")
    started = startup(read("pool", 6, GET), answers=(refusal(refused="too many arguments", location=defined),))
    (finding,) = reported(started)
    assert finding.message == "`pool.fetch` is called at routes.py:7, but it refuses the call: too many arguments"
    assert finding.causes[-1].location == defined


def test_two_faults_of_one_method_are_two_findings() -> None:
    refused, awaited = refusal(refused="no"), answer("await", "pool", "fetch", asked={"called": True}, actual="int")
    uses = GET, use("await", 9, "fetch", called=True)
    found = reported(startup(read("pool", 6, *uses), answers=(refused, awaited)))
    assert [(finding.subject, finding.location) for finding in found] == [
        ("fetch()", line(7)),
        ("fetch await", line(9)),
    ]


def test_awaited_result_of_a_call_is_named() -> None:
    awaited = use("await", 7, "get", called=True)
    for actual, returned in (
        ("shop:Pool", "it returns `shop.Pool`,"),
        ("NoneType", "it returns None,"),
        ("", "what it"),
    ):
        refused = answer("await", "pool", "get", asked={"called": True}, actual=actual)
        message = reported(startup(read("pool", 6, awaited), answers=(refused,)))[0].message
        assert message.startswith(f"`pool.get` is awaited at routes.py:7, but {returned}")


def test_exception_that_the_line_raised_is_a_consequence() -> None:
    started = startup(read("pool", 6, GET), answers=(refusal(),))
    started.fails("shutdown", fault("raised", raised("TypeError", "no"), location=line(7)))
    assert started.roots() == [("NC702", "pool")]
    assert ("NC110", "") in started.codes()


def test_one_missing_attribute_is_one_finding_with_all_its_lines() -> None:
    uses = (use("attribute", 7, "db.fetch"), use("call", 7, "db.fetch.all"), use("await", 9, "db.fetch.all"))
    answers = (
        answer("exists", "pool", "db.fetch", asked={}, missing="fetch", near="fetchall"),
        answer("call", "pool", "db.fetch.all", asked={}, missing="fetch"),
        answer("await", "pool", "db.fetch.all", asked={}, missing="fetch"),
    )
    (finding,) = reported(startup(read("pool", 6, *uses), answers=answers))
    assert finding.subject == "db.fetch"
    assert "at routes.py:7 and 1 other place" in finding.message
    assert finding.hint == "did you mean `fetchall`?"


NO_FAULT: dict[str, tuple[list[StateAccess], list[UseAnswer]]] = {
    "allowed": ([read("pool", 6, GET)], [refusal(holds=True)]),
    "unknown": ([read("pool", 6, GET)], [refusal(holds=None)]),
    "not asked": ([read("pool", 6, GET)], []),
    "of another program": ([access("read", "pool", 6, file="other.py", uses=(GET,))], [refusal()]),
    "replaced for a request": (
        [read("pool", 6, GET), access("write", "pool", 3, file="startup.py", at_request=True)],
        [refusal()],
    ),
    "replaced by a later call": (
        [read("pool", 6, GET), access("write", "pool", 3, function="reload")],
        [refusal()],
    ),
}


@pytest.mark.parametrize("case", NO_FAULT)
def test_use_that_may_be_allowed_is_not_reported(case: str) -> None:
    accesses, answers = NO_FAULT[case]
    assert startup(*accesses, answers=tuple(answers)).codes() == []


def test_object_is_what_this_startup_chose_among_alternatives() -> None:
    written = [access("write", "pool", number, file="startup.py", function="lifespan") for number in (10, 12)]
    assert reported(startup(read("pool", 6, GET), *written, answers=(refusal(),)))


def test_use_is_reported_only_if_no_component_of_the_name_allows_it() -> None:
    started = startup(read("pool", 6, GET), answers=(refusal(),))
    started.sets("/api:pool", 11)
    for holds in (True, None, False):
        other = answer("call", "/api:pool", "fetch", asked={"signature": "(a)"}, holds=holds)
        started.adds(answers=(refusal(), other))
        assert bool(reported(started)) is (holds is False)


def test_function_that_needs_an_entry_which_is_none_is_not_judged() -> None:
    started = startup(read("pool", 6, GET), answers=(refusal(),)).sets_none("runtime", 11)
    assert isinstance(started, UsedStartup)
    accesses = read("pool", 6, GET), read("runtime", 5, use("call", 5, "health"))
    assert reported(started.reads_sources(*accesses)) == []
    elsewhere = read("pool", 6, GET), read("runtime", 5, use("call", 5, "health"), function="health")
    assert reported(started.reads_sources(*elsewhere))


def test_none_and_test_doubles_are_left_to_their_checks() -> None:
    double = startup(read("pool", 6, GET), answers=(refusal(),)).double("pool", "unittest.mock.MagicMock")
    assert [code for code, _ in double.codes()] == ["NC207"]
    none = startup(read("pool", 6, GET), answers=(refusal(),)).sets_none("pool", 11)
    assert "NC702" not in [code for code, _ in none.codes()]


class TestContracts:
    """The same fault where a contract names the component."""

    def test_wrong_type_is_the_cause(self) -> None:
        started = startup(read("pool", 6, GET), answers=(refusal(missing="fetch"),), type="shop:Pool")
        started.answers("fits", "pool", holds=False, actual="dict")
        assert started.roots() == [("NC203", "pool")]
        (finding,) = reported(started)
        assert (finding.severity, bool(finding.caused_by)) == (Severity.ERROR, True)

    def test_missing_method_is_the_cause(self) -> None:
        started = startup(read("pool", 6, GET), answers=(refusal(missing="fetch"),), methods=("fetch", "close"))
        started.answers("method", "pool", "fetch", holds=False, missing="fetch")
        assert started.roots() == [("NC205", "pool")]

    def test_other_method_is_not_the_cause(self) -> None:
        started = startup(read("pool", 6, GET), answers=(refusal(missing="fetch"),), methods=("close",))
        started.answers("method", "pool", "close", holds=False, missing="close")
        assert started.roots() == [("NC205", "pool"), ("NC702", "pool")]

    def test_held_contract_remains_held(self) -> None:
        started = startup(read("pool", 6, GET), answers=(refusal(),), severity="note")
        assert [finding.severity for finding in reported(started)] == [Severity.NOTE]
        assert started.judged().statuses == {"pool": "held"}


def test_uses_of_one_line_are_counted_once() -> None:
    uses: tuple[Use, ...] = (GET, GET)
    assert "and" not in reported(startup(read("pool", 6, *uses), answers=(refusal(),)))[0].message.partition(",")[0]
