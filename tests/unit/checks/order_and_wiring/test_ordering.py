"""NC301, NC302, NC305, NC306: the order in which components were set, lost and read."""

from __future__ import annotations

from typing import Any

import pytest

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Dependency
from tests.unit.checks.evidence import Startup, at, contract, fault, raised

POOL = contract("pool", "initialization")


def test_component_set_after_the_mark_of_its_phase_reports_NC301() -> None:
    startup = Startup(POOL).marks_end_of("initialization", 10).sets("pool", 25)
    finding = startup.found()
    assert (finding.code, finding.component, finding.location) == ("NC301", "pool", at(25))
    assert finding.message == (
        "`pool` is late for initialization: it was set at startup.py:25, 15 ms after the phase ended"
    )
    assert finding.causes == (
        Cause(message="`pool` was set here", location=at(25), ms=25.0),
        Cause(message="initialization ended here", location=at(10), ms=10.0),
    )


def test_component_that_was_none_at_the_mark_and_set_later_reports_NC301() -> None:
    startup = Startup(POOL).sets_none("pool", 5).marks_end_of("initialization", 10).sets("pool", 25)
    assert startup.codes() == [("NC301", "pool")]


def test_NC301_of_a_component_that_was_deleted_and_set_again_is_located_at_the_later_write() -> None:
    startup = Startup(POOL).sets("pool", 3).deletes("pool", 5).marks_end_of("initialization", 10).sets("pool", 25)
    finding = startup.found()
    assert (finding.code, finding.location) == ("NC301", at(25))


def test_component_set_before_the_mark_of_its_phase_is_not_late() -> None:
    assert Startup(POOL).sets("pool", 5).marks_end_of("initialization", 10).findings() == ()


def test_mark_of_a_failed_phase_is_not_used() -> None:
    assert Startup(POOL).marks_end_of("initialization", 10, "failed").sets("pool", 25).findings() == ()


def test_component_of_a_later_phase_may_be_set_early() -> None:
    assert Startup(contract("bridge", "readiness"), POOL).sets("bridge", 5).sets("pool", 9).findings() == ()


def test_component_of_an_earlier_phase_set_after_its_dependant_reports_NC301() -> None:
    startup = Startup(POOL, contract("bridge", "configuration", requires=("pool",))).sets("bridge", 5).sets("pool", 20)
    finding = startup.found()
    assert (finding.code, finding.component, finding.location) == ("NC301", "pool", at(20))
    assert finding.message == "`pool` is late for initialization: `bridge`, which depends on it, was set 15 ms earlier"
    assert [cause.location for cause in finding.causes] == [at(20), at(5)]


def test_component_set_after_several_dependants_reports_NC301_once() -> None:
    startup = Startup(POOL, *(contract(name, "configuration", requires=("pool",)) for name in "abcdefg"))
    for line, name in enumerate("abcdefg", 1):
        startup.sets(name, line)
    finding = startup.sets("pool", 20).found()
    assert "`a`, `b`, `c` and 4 more, which depend on it, were set" in finding.message
    assert len(finding.causes) == 6


@pytest.mark.parametrize(
    ("dependants", "listed"), [("abc", "`a`, `b`, `c`, which"), ("abcd", "`a`, `b`, `c` and 1 more, which")]
)
def test_NC301_lists_three_dependants_and_counts_the_rest(dependants: str, listed: str) -> None:
    startup = Startup(POOL, *(contract(name, "configuration", requires=("pool",)) for name in dependants))
    for line, name in enumerate(dependants, 1):
        startup.sets(name, line)
    assert listed in startup.sets("pool", 20).found().message


def test_NC301_suggests_to_set_the_component_before_its_mark_or_its_dependants() -> None:
    marked = Startup(POOL).marks_end_of("initialization", 10).sets("pool", 25).found()
    assert marked.hint == "set it before initialization ends, or declare a later phase in its contract"
    bridge = contract("bridge", "configuration", requires=("pool",))
    required = Startup(POOL, bridge).sets("bridge", 5).sets("pool", 20).found()
    assert required.hint == "set `pool` before `bridge`, or declare other phases"


def test_blocked_component_set_after_its_dependant_reports_no_NC301() -> None:
    bridge = contract("bridge", "initialization", requires=("pool",))
    engine = contract("engine", "configuration", requires=("pool", "bridge"), optional=True)
    startup = Startup(bridge, engine).sets("engine", 1).deletes("engine", 2).sets("bridge", 3)
    assert startup.codes() == [("NC201", "pool")]
    assert startup.blocked() == {"bridge": "pool"}


def test_order_is_checked_along_every_contract_and_everything_that_it_requires() -> None:
    absent = contract("cache", "configuration", requires=("pool",), optional=True)
    bridge = contract("bridge", "configuration", requires=("settings", "pool"))
    startup = Startup(absent, POOL, contract("settings", "initialization"), bridge)
    startup.sets("settings", 1).sets("bridge", 5).sets("pool", 20)
    assert startup.codes() == [("NC301", "pool")]


def test_component_late_for_its_mark_and_its_dependants_reports_NC301_once() -> None:
    startup = Startup(
        POOL, contract("bridge", requires=("pool",)), contract("factory", "configuration", requires=("pool",))
    )
    startup.marks_end_of("initialization", 3).sets("bridge", 5).sets("factory", 6).sets("pool", 20)
    assert startup.codes() == [("NC301", "pool"), ("NC803", "")]


@pytest.mark.parametrize("phase", [None, "initialization"])
def test_component_set_before_a_required_one_of_the_same_phase_reports_NC302(phase: str | None) -> None:
    startup = Startup(contract("pool", phase), contract("bridge", phase, requires=("pool",)))
    finding = startup.sets("bridge", 5).sets("pool", 9).found()
    assert (finding.code, finding.component, finding.subject) == ("NC302", "bridge", "pool")
    assert finding.message == "`bridge` was set 4 ms before `pool`, which it requires"
    assert [cause.location for cause in finding.causes] == [at(5), at(9)]


def test_order_is_judged_by_the_first_write_that_is_not_none() -> None:
    startup = Startup(contract("pool"), contract("bridge", requires=("pool",)))
    startup.sets_none("pool", 3).sets("bridge", 5).sets("pool", 9)
    assert startup.codes() == [("NC302", "bridge")]


def test_required_component_without_a_contract_is_part_of_the_order() -> None:
    startup = Startup(contract("bridge", "configuration", requires=("pool",))).sets("bridge", 5).sets("pool", 9)
    assert startup.codes() == [("NC302", "bridge")]


def test_order_of_compared_state_changes_is_unknown() -> None:
    startup = Startup(contract("pool"), contract("bridge", requires=("pool",)))
    assert startup.sets("bridge", 9, compared=True).sets("pool", 9, compared=True).findings() == ()


def test_order_is_not_judged_if_both_phases_are_marked() -> None:
    startup = Startup(POOL, contract("bridge", "configuration", requires=("pool",))).sets("bridge", 3).sets("pool", 5)
    startup.marks_end_of("initialization", 10).marks_end_of("configuration", 20)
    assert startup.findings() == ()


def test_NC302_is_not_reported_beside_a_broken_wire() -> None:
    startup = Startup(POOL, contract("bridge", "configuration", wires={"_pool": "pool"}))
    startup.sets("bridge", 5).sets("pool", 9).answers("same", "bridge", "_pool", holds=False, is_none=True)
    assert startup.codes() == [("NC303", "bridge")]


def test_NC305_of_a_deleted_component_names_both_lines() -> None:
    finding = Startup().sets("pool", 5).deletes("pool", 9).found()
    assert (finding.code, finding.severity, finding.location) == ("NC305", Severity.WARNING, at(9))
    assert finding.message == "`pool` was set and then deleted"
    assert finding.causes == (
        Cause(message="`pool` was deleted here", location=at(9), ms=9.0),
        Cause(message="`pool` was first set here", location=at(5), ms=5.0),
    )


def test_component_overwritten_with_none_reports_NC305_and_not_NC202() -> None:
    finding = Startup(contract("pool")).sets("pool", 5).sets_none("pool", 9).found()
    assert (finding.code, finding.severity) == ("NC305", Severity.ERROR)
    assert finding.message == "`pool` was set and then overwritten with None"


@pytest.mark.parametrize("terms", [{"optional": True, "type": "shop:Pool"}, {"type": "shop:Pool | None"}])
def test_contract_that_allows_none_does_not_report_NC305(terms: dict[str, Any]) -> None:
    assert Startup(contract("pool", **terms)).sets("pool", 5).sets_none("pool", 9).findings() == ()


def test_component_that_was_set_again_does_not_report_NC305() -> None:
    assert Startup(contract("pool")).sets("pool", 5).deletes("pool", 6).sets("pool", 7).findings() == ()


def test_component_lost_after_the_mark_of_its_phase_reports_NC305() -> None:
    startup = Startup(POOL).sets("pool", 5).marks_end_of("initialization", 10).deletes("pool", 20)
    assert startup.codes() == [("NC305", "pool")]


def test_component_removed_by_shutdown_does_not_report_NC305() -> None:
    startup = Startup(contract("pool")).sets("pool", 5)
    startup.stage = "shutdown"
    assert startup.deletes("pool", 90).findings() == ()


def test_component_removed_by_a_failed_startup_does_not_report_NC305() -> None:
    startup = Startup(contract("pool")).sets("pool", 5).deletes("pool", 6)
    startup.fails("startup", fault("raised", raised("ValueError", "no", 5)))
    assert startup.codes() == [("NC108", "")]


def read_of(startup: Startup, component: str, line: int) -> Startup:
    """The startup ends with a read of a component that is not set."""
    read = startup.reads(component, line)
    message = f"'State' object has no attribute '{component}'"
    return startup.fails("startup", fault("raised", raised("AttributeError", message, line, failed_read=read)))


def test_NC108_follows_from_NC306() -> None:
    startup = Startup(contract("pool", "initialization", impact="No events"))
    root, after = read_of(startup, "pool", 20).findings()
    assert (root.code, root.component, root.location) == ("NC306", "pool", at(20))
    assert root.message == "`pool` was read at startup.py:20 but was never set"
    assert root.causes == (Cause(message="`pool` was read here", location=at(20), ms=20.0),)
    assert (root.impact, root.caused_by) == ("No events", "")
    assert (after.code, after.caused_by) == ("NC108", root.fingerprint)


def test_NC306_names_the_later_write() -> None:
    startup = Startup()
    read = startup.reads("pool", 20)
    startup.sets("pool", 30).fails("settle", fault("raised", raised("AttributeError", "pool", 20, failed_read=read)))
    root = startup.findings()[0]
    assert root.message == "`pool` was read at startup.py:20 before it was set"
    assert [cause.location for cause in root.causes] == [at(20), at(30)]


@pytest.mark.parametrize(
    ("read", "hint"),
    [("pol", "did you mean `pool`, which has a contract?"), ("pool", "set it before it is read")],
)
def test_NC306_suggests_a_component_with_a_contract_that_was_not_set_so_far(read: str, hint: str) -> None:
    startup = read_of(Startup(contract("pool")), read, 20)
    (finding,) = [finding for finding in startup.findings() if finding.code == "NC306"]
    assert finding.hint == hint


def test_NC306_in_a_mounted_application_names_the_component_of_the_outer_one() -> None:
    root = read_of(Startup().sets("db", 5), "/api:db", 20).findings()[0]
    assert root.message == "`/api:db` was read at startup.py:20 but was never set there; `db` was set"
    assert [cause.location for cause in root.causes] == [at(20), at(5)]
    assert "a state of its own" in root.hint


def test_NC306_names_the_earlier_deletion() -> None:
    root = read_of(Startup().sets("db", 5).deletes("db", 9), "db", 20).findings()[0]
    assert root.message == "`db` was read at startup.py:20 after it was deleted"
    assert [cause.location for cause in root.causes] == [at(20), at(9)]


def test_failed_read_that_ended_nothing_is_not_reported() -> None:
    startup = Startup()
    startup.reads("pool", 20)
    assert startup.findings() == ()


def test_NC110_follows_from_NC306() -> None:
    startup = Startup()
    startup.stage = "shutdown"
    read = startup.reads("pool", 90)
    startup.fails("shutdown", fault("raised", raised("AttributeError", "pool", 90, failed_read=read)))
    assert startup.roots() == [("NC306", "pool")]
    assert startup.codes() == [("NC306", "pool"), ("NC110", "")]


def test_NC306_of_a_missing_component_follows_from_NC201() -> None:
    startup = Startup(contract("pool"))
    read = startup.reads("pool", 90)
    startup.fails("settle", fault("raised", raised("AttributeError", "pool", 90, failed_read=read)))
    assert startup.roots() == [("NC201", "pool")]
    assert [code for code, _ in startup.codes()] == ["NC201", "NC306", "NC108"]


def test_NC302_is_reported_beside_NC301() -> None:
    cache = contract("cache", "configuration", requires=("pool",))
    bridge = contract("bridge", "configuration", requires=("engine",))
    startup = Startup(POOL, cache, bridge, contract("engine", "configuration"))
    startup.sets("cache", 1).sets("bridge", 2).sets("pool", 3).sets("engine", 4)
    assert startup.codes() == [("NC301", "pool"), ("NC302", "bridge")]
    assert [finding.hint for finding in startup.findings() if finding.code == "NC302"] == ["set `engine` first"]


def test_keys_of_one_mapping_have_no_order() -> None:
    users = contract("repository", requires=("pool",)), contract("pool")
    assert Startup(*users).sets("repository", 5, batch=3).sets("pool", 5, batch=3).codes() == []
    assert Startup(*users).sets("repository", 5, batch=3).sets("pool", 6, batch=4).roots() == [("NC302", "repository")]


def test_entry_that_a_lifespan_yields_existed_before() -> None:
    users = contract("repository", requires=("lifespan:pool",)), contract("lifespan:pool")
    assert Startup(*users).sets("repository", 5).sets("lifespan:pool", 9, yielded=True).codes() == []


def test_order_in_a_state_that_is_not_recorded_is_not_run_as_nc302() -> None:
    users = contract("repository", requires=("pool",)), contract("pool")
    startup = Startup(*users).sets("repository", 5, compared=True).sets("pool", 6, compared=True)
    assert startup.codes() == []
    assert startup.not_run() == [("NC302", "repository", "pool")]


@pytest.mark.parametrize(("phase", "code"), [("initialization", "NC301"), ("configuration", "NC302")])
def test_wrong_order_names_each_dependency_that_is_broken(phase: str, code: str) -> None:
    dependants = [contract(name, "configuration", requires=("pool",)) for name in "ab"]
    startup = Startup(contract("pool", phase), *dependants).sets("a", 1).sets("b", 2).sets("pool", 20)
    findings = startup.findings()
    assert {finding.code for finding in findings} == {code}
    assert [one for finding in findings for one in finding.dependencies] == [
        Dependency(component=name, other="pool") for name in "ab"
    ]


def test_late_component_that_is_then_lost_reports_NC305_alone() -> None:
    bridge = contract("bridge", "configuration", requires=("pool",), optional=True)
    startup = Startup(contract("pool", "initialization"), bridge).sets("bridge", 1).sets("pool", 2)
    assert startup.codes() == [("NC301", "pool")]
    startup.deletes("bridge", 3).sets_none("pool", 4)
    assert startup.codes() == [("NC305", "pool")]
