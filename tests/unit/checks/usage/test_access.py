"""NC701, NC703 and NC704, judged from recordings that are made by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from netra_contracts.checks.engine.judgement import judge
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding
from netra_contracts.pipeline.judging import JudgeOptions
from netra_contracts.protocol.observed.app_states import ObservedState
from netra_contracts.protocol.observed.clients import IdentityInState, ServerObservation
from netra_contracts.protocol.source_usage import LateImport, LoadedModule, StateAccess, StateScope, UnreadSource
from tests.unit.checks.evidence import Startup, contract, fault, raised
from tests.unit.checks.usage.records import FOLDER, UsedStartup, access, line, read


def startup(*accesses: StateAccess, **more: Any) -> UsedStartup:
    """A startup that sets `pool` at line 10."""
    started = UsedStartup()
    started.sets("pool", 10)
    return started.reads_sources(*accesses, **more)


def reported(started: Startup, code: str = "NC701") -> list[Finding]:
    """The findings of one code."""
    return [finding for finding in started.findings() if finding.code == code]


def test_read_of_an_entry_that_nothing_sets_reports_NC701() -> None:
    (finding,) = reported(startup(read("poool", 7), read("poool", 9), read("pool", 8)))
    assert (finding.component, finding.severity) == ("poool", Severity.WARNING)
    assert finding.message == ("`poool` is read from `app.state` at routes.py:7 and 1 other place, but nothing sets it")
    assert finding.location == line(7)
    assert finding.hint == "did you mean `pool`?"
    assert [cause.message for cause in finding.causes] == ["`poool` is read here, too", "`pool` was set here"]


RIGHT: dict[str, list[StateAccess]] = {
    "set": [read("pool", 7)],
    "set by a mounted application": [read("cache", 7)],
    "guarded": [access("guarded", "user", 7)],
    "guarded elsewhere": [read("user", 7), access("guarded", "user", 90)],
    "written by a handler": [read("user", 7), access("write", "user", 3, at_request=True)],
    "written under a condition": [read("user", 7), access("write", "user", 3, file="startup.py")],
    "written by middleware": [read("user", 7, scope="request"), access("write", "user", 3, scope="request")],
    "written to an unknown state": [read("user", 7), access("write", "user", 3, scope="unknown")],
    "read from an unknown state": [read("user", 7, scope="unknown"), access("write", "user", 3, scope="request")],
    "deleted": [access("delete", "user", 7)],
    "another program": [read("user", 7, file="other.py")],
    "limiter of a library": [read("limiter", 7)],
    "attribute of a typed state": [read("settings", 7)],
    "state of another application": [read("of_another", 7)],
}


@pytest.mark.parametrize("case", RIGHT)
def test_read_of_an_entry_that_may_be_set_is_not_reported(case: str) -> None:
    started = startup(*RIGHT[case])
    started.sets("/api:cache", 11)
    started.adds(library_writes=("limiter",), computed=("settings",), names=("of_another",))
    assert started.codes() == []


FAULTS: dict[str, list[StateAccess]] = {
    "by a websocket": [read("user", 7, at_request=True)],
    "by an accessor": [read("user", 7, accessor="shop.deps:get_user")],
    "of a request": [read("user", 7, scope="request")],
    "of an unknown state": [read("user", 7, scope="unknown")],
    "written to the request only": [read("user", 7), access("write", "user", 3, scope="request")],
    "written by another program": [read("user", 7), access("write", "user", 3, file="other.py")],
    "guarded by another program": [read("user", 7), access("guarded", "user", 3, file="other.py")],
    "deleted": [read("user", 7), access("delete", "user", 3)],
}


@pytest.mark.parametrize("case", FAULTS)
def test_read_of_an_entry_that_nothing_can_set_is_reported(case: str) -> None:
    assert [finding.component for finding in reported(startup(*FAULTS[case]))] == ["user"]


def test_request_does_not_have_what_is_in_the_state_of_the_application() -> None:
    started = startup(read("pool", 7, scope="request"), access("write", "pool", 10, file="startup.py"))
    assert started.codes() == []  # the lifespan has yielded it, too
    (finding,) = reported(started.adds(misplaced=("pool",)))
    assert finding.hint == "did you mean `request.app.state.pool`?"
    assert finding.causes[-1].message == "`pool` was set here"
    assert not reported(startup(read("pool", 8)).adds(misplaced=("pool",)))


@pytest.mark.parametrize("scope", ["request", "unknown", "application"])
def test_code_that_startup_did_not_run_may_set_what_requests_read(scope: StateScope) -> None:
    started = startup(read("pool", 7, scope="request"), access("write", "pool", 3, scope=scope, at_request=True))
    assert started.adds(misplaced=("pool",)).codes() == []


def test_read_in_a_module_that_a_function_imports_is_reported() -> None:
    late = LateImport("shop.routes", "shop.late")
    assert reported(startup(read("user", 7, file="late.py"), late_imports=(late,)))


def test_write_may_be_in_any_module_once_a_function_imports_one_of_the_target() -> None:
    accesses = read("user", 7), access("write", "user", 3, file="deep.py")
    assert startup(*accesses, late_imports=(LateImport("shop.routes", "shop.late"),)).codes() == []
    assert reported(startup(*accesses, late_imports=(LateImport("shop.routes", "pandas"),)))
    assert reported(startup(*accesses, late_imports=(LateImport("shop.routes", "shop.startup.lifespan"),)))


def test_program_that_serves_the_target_may_set_entries_before() -> None:
    started = startup(read("user", 7), access("write", "user", 3, file="cli.py"))
    assert reported(started)
    assert started.adds(launchers=("shop.cli",)).codes() == []


class TestDynamicWrites:
    """A write of a computed name."""

    def test_seen_by_the_recorder_is_resolved(self) -> None:
        written = access("dynamic-write", "", 10, file="startup.py")
        assert reported(startup(read("user", 7), written))

    def test_not_seen_is_reported_as_not_run_once(self) -> None:
        written = access("dynamic-write", "", 44, file="startup.py")
        started = startup(read("user", 7), read("other", 8), written)
        assert started.codes() == []
        assert started.not_run() == [("NC701", "", "sources")]
        (entry,) = started.judged().not_run
        assert entry.reason == (
            "whether `user`, `other` can be set is unknown: startup.py:44 writes names that are computed"
        )

    def test_for_a_request_is_not_resolved_by_what_startup_wrote(self) -> None:
        written = access("dynamic-write", "", 10, file="startup.py", at_request=True)
        assert startup(read("user", 7), written).codes() == []

    def test_to_the_request_says_nothing_of_the_application(self) -> None:
        written = access("dynamic-write", "", 44, scope="request")
        assert reported(startup(read("user", 7), written))
        assert startup(read("user", 7, scope="request"), written).codes() == []

    def test_of_another_program_says_nothing(self) -> None:
        assert reported(startup(read("user", 7), access("dynamic-write", "", 44, file="other.py")))


class TestGaps:
    """What could not be read."""

    def test_loaded_module_that_cannot_be_read_may_set_anything(self) -> None:
        unread = UnreadSource(f"{FOLDER}/startup.py", "large")
        started = startup(read("user", 7), unread=(unread,))
        assert started.codes() == []
        assert [entry.reason for entry in started.judged().not_run] == [
            "whether `user` can be set is unknown: startup.py could not be read (large)"
        ]

    def test_other_file_that_cannot_be_read_does_not_matter(self) -> None:
        assert reported(startup(read("user", 7), unread=(UnreadSource(f"{FOLDER}/old.py", "syntax"),)))

    def test_incomplete_reading_reports_nothing_as_never_set(self) -> None:
        assert startup(read("user", 7), incomplete="it took longer than 10 s").codes() == []

    def test_unreadable_state_may_have_any_entry(self) -> None:
        started = startup(read("user", 7))
        started.sees(states=(ObservedState("", "shop:State", "fastapi:FastAPI", "unreadable"),))
        assert started.codes() == []

    def test_reader_that_failed_is_said_once(self) -> None:
        started = startup(incomplete="the reader ended with status 1").adds(modules=(), skipped="nothing was read")
        assert [entry.reason for entry in started.judged().not_run] == [
            "the use of the states was not judged: the reader ended with status 1"
        ]

    def test_without_usage_nothing_is_said(self) -> None:
        started = startup(read("user", 7))
        started.sees(usage=None, uses=None)
        assert (started.codes(), started.not_run()) == ([], [])

    def test_failed_startup_is_not_judged(self) -> None:
        started = startup(read("user", 7))
        started.fails("startup", fault("raised", raised("OSError", "no", 4)))
        assert reported(started) == []


class TestContracts:
    """The same fault where a contract names the component."""

    def test_missing_component_is_the_cause(self) -> None:
        started = UsedStartup(contract("user", impact="nobody can log in", severity="error"))
        started.reads_sources(read("user", 7))
        missing, unset = started.findings()
        assert (missing.code, unset.code, unset.caused_by) == ("NC201", "NC701", missing.fingerprint)
        assert (unset.severity, unset.impact) == (Severity.ERROR, "nobody can log in")

    def test_severity_is_that_of_the_contract(self) -> None:
        started = UsedStartup(contract("user", severity="note", optional=True))
        assert [found.severity for found in reported(started.reads_sources(read("user", 7)))] == [Severity.NOTE]

    def test_address_is_that_of_the_contract(self) -> None:
        started = UsedStartup(contract("/api:user"))
        started.reads_sources(read("user", 7))
        assert started.roots() == [("NC201", "/api:user")]

    def test_read_during_startup_is_the_cause(self) -> None:
        started = startup(read("user", 7))
        number = started.reads("user", 5)
        started.stage = "startup"
        task = fault("raised", raised("AttributeError", "'State' object has no attribute 'user'", 5))
        started.fails("shutdown", dataclasses.replace(task, failed_read=number))
        assert started.roots() == [("NC306", "user")]
        assert ("NC701", "user") in started.codes()


def select(started: Startup, *codes: str) -> list[tuple[str, str]]:
    """Code and component of what `--select` reports."""
    judging = JudgeOptions(select=codes)
    found = judge(started.recording(), judging.checks, selected=judging.selected).findings
    return [(finding.code, finding.component) for finding in found]


class TestSetNeverRead:
    """NC703."""

    def test_is_off_unless_selected(self) -> None:
        started = startup()
        assert select(started) == []
        assert select(started, "NC703") == [("NC703", "pool")]
        assert select(started, "NC7") == [("NC703", "pool")]

    @pytest.mark.parametrize(
        "other",
        [
            access("read", "pool", 7),
            access("guarded", "pool", 7),
            access("read", "pool", 7, file="other.py"),
            access("dynamic-read", "", 7),
        ],
        ids=["read", "guarded", "read by another program", "dynamic"],
    )
    def test_entry_that_may_be_read_is_not_reported(self, other: StateAccess) -> None:
        assert select(startup(other), "NC703") == []

    def test_entry_that_a_library_may_read_is_not_reported(self) -> None:
        assert select(startup().adds(library_reads=("pool",)), "NC703") == []


class TestUserData:
    """NC704."""

    def test_user_data_written_by_a_handler_is_reported(self) -> None:
        written = access("write", "current_user", 7, at_request=True, user_data="request.user")
        (finding,) = reported(startup(written), "NC704")
        assert finding.message == (
            "`routes.handler` writes `request.user` into `app.state.current_user`, which all requests share"
        )
        assert (finding.component, finding.subject) == ("current_user", "routes.handler")
        assert (finding.severity, finding.location) == (Severity.WARNING, line(7))

    @pytest.mark.parametrize(
        "change",
        [
            {"at_request": False},
            {"user_data": ""},
            {"scope": "request"},
            {"scope": "unknown"},
            {"kind": "guarded"},
            {"location": line(7, "other.py"), "module": "other"},
        ],
        ids=["at startup", "no user data", "request.state", "unknown state", "no write", "another program"],
    )
    def test_other_write_is_not_reported(self, change: dict[str, Any]) -> None:
        written = access("write", "current_user", 7, at_request=True, user_data="request.user")
        assert reported(startup(dataclasses.replace(written, **change)), "NC704") == []

    def test_id_that_clients_found_there_is_the_cause(self) -> None:
        started = startup(access("write", "visit", 7, at_request=True, user_data="request.user"))
        identity = IdentityInState("visit", "", line(7))
        started.sees(server=ServerObservation(identities=(identity,)))
        assert started.roots() == [("NC403", "visit")]
        assert ("NC704", "visit") in started.codes()

    def test_write_that_adds_to_the_entry_is_not_reported(self) -> None:
        written = access("write", "total", 7, at_request=True, user_data="request.headers")
        assert reported(startup(written, read("total", 7)), "NC704") == []
        assert reported(startup(written, read("total", 8)), "NC704")

    def test_severity_is_that_of_the_contract(self) -> None:
        started = UsedStartup(contract("current_user", severity="error"))
        started.sets("current_user", 4)
        started.reads_sources(access("write", "current_user", 7, at_request=True, user_data="request.user"))
        assert [(finding.code, finding.severity) for finding in started.findings()] == [("NC704", Severity.ERROR)]


def test_module_is_recognised_by_its_file() -> None:
    module = LoadedModule("main", f"{FOLDER}/src/shop/main.py")
    started = startup(read("user", 7, file="src/shop/main.py")).adds(modules=(module,))
    assert reported(started)
