"""From a judgement to a report: verdict, timeline, components, phases, counts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from netra_contracts.checks import CHECKS
from netra_contracts.checks.components.component_type import WrongType
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.judgement import judge
from netra_contracts.checks.engine.report_builder import build_report
from netra_contracts.contracts.model import ContractSource
from netra_contracts.model.report import NOT_RUN, Report, Verdict
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.observation import MarkedPhase, PhaseCheckResult, Stage
from netra_contracts.protocol.stages import StageName
from tests.unit.checks.evidence import Startup, at, contract, fault, raised


def reported(startup: Startup, **options: Any) -> Report:
    """The report on a startup."""
    until = options.pop("until", None)
    judging = {name: options.pop(name) for name in ("selected", "checks") if name in options}
    values: dict[str, Any] = {"fail_level": "error", "tool_version": "1.2.3", **options}
    return build_report(startup.recording(), startup.judged(until, **judging), **values)


def statuses(report: Report) -> dict[str, str]:
    return {component.address: component.status for component in report.components}


def phases(report: Report) -> dict[str, str]:
    return {phase.name.value: phase.status for phase in report.phases}


def test_startup_without_findings_passes() -> None:
    report = reported(Startup().sets("pool", 5))
    assert (report.verdict, report.exit_code, report.ok) == (Verdict.PASSED, 0, True)


@pytest.mark.parametrize(
    ("severity", "fail_level", "exit_code"),
    [
        ("error", "error", 1),
        ("error", "warning", 1),
        ("error", "never", 0),
        ("warning", "error", 0),
        ("warning", "warning", 1),
        ("note", "warning", 0),
    ],
)
def test_run_fails_for_findings_at_or_above_the_fail_level(severity: str, fail_level: str, exit_code: int) -> None:
    report = reported(Startup(contract("pool", severity=severity)), fail_level=fail_level)
    assert report.exit_code == exit_code
    assert report.verdict is (Verdict.FAILED if exit_code else Verdict.PASSED)


def test_verdict_distinguishes_a_failed_startup_from_broken_contracts() -> None:
    report = reported(Startup().fails("startup", fault("raised", raised("ValueError", "no", 41))))
    assert (report.verdict, report.exit_code) == (Verdict.NOT_STARTED, 1)
    assert report.startup.outcome == "failed"


def test_failed_startup_fails_the_run_even_if_its_code_is_not_selected() -> None:
    startup = Startup(contract("pool")).fails("startup", fault("exited", status=0), outcome="exited")
    report = reported(startup, selected=lambda code: code.startswith("NC2"))
    assert report.findings == ()
    assert (report.verdict, report.exit_code) == (Verdict.NOT_STARTED, 1)


def test_stages_that_were_not_reached_have_no_time() -> None:
    startup = reported(Startup().fails("build", fault("factory-raised", raised("ValueError")))).startup
    assert (startup.import_ms, startup.build_ms, startup.startup_ms, startup.shutdown_ms) == (100.0, 100.0, None, None)
    assert (startup.outcome, [stage.name for stage in startup.stages]) == ("failed", ["import", "build"])


def test_timeline_has_writes_and_reads_that_failed_the_startup() -> None:
    startup = Startup().sets("pool", 5).marks_end_of("initialization", 6)
    startup.reads("asked", 7)
    read = startup.reads("bridge", 8)
    startup.fails("startup", fault("raised", raised("AttributeError", "bridge", 8, failed_read=read)))
    entries = [(entry.kind, entry.name, entry.ms) for entry in reported(startup).timeline if entry.kind != "stage"]
    assert entries == [("phase", "initialization", 0.0), ("set", "pool", 5.0), ("read", "bridge", 8.0)]


def busy_startup() -> Startup:
    """A startup in whose stage one component is set after work and another after a wait, with a failed read between."""
    startup = Startup().sets("model", 40, busy_ms=538.0)
    startup.reads("asked", 41)
    startup.sets("pool", 90, busy_ms=540.0)
    startup.marks.append(MarkedPhase("configuration", 40.0, 50.0, 3, busy_ms=2.0))
    return startup


def with_stages(startup: Startup, *stages: Stage) -> Report:
    """The report on a startup that went through these stages."""
    recording = startup.recording()
    observation = replace(recording.observation, stages=stages)
    recording = recording.model_copy(update={"observation": observation})
    return build_report(recording, judge(recording), fail_level="error", tool_version="1.2.3")


def test_timeline_splits_stages_phases_and_the_time_before_each_change_into_busy_and_waiting() -> None:
    report = with_stages(busy_startup(), Stage("startup", 0.0, 100.0, "ok", busy_before_ms=500.0, busy_ms=41.5))
    entries = {entry.name: (entry.span_ms, entry.since_ms, entry.busy_ms) for entry in report.timeline}
    assert entries == {
        "startup": (100.0, None, 41.5),
        "configuration": (50.0, None, 2.0),
        "model": (None, 40.0, 38.0),
        "pool": (None, 50.0, 2.0),
    }
    assert report.startup.stages[0].busy_ms == 41.5
    assert [phase.busy_ms for phase in report.phases] == [None, 2.0, None, None]


def test_busy_time_is_unknown_in_a_recording_without_it() -> None:
    report = with_stages(busy_startup(), Stage("startup", 0.0, 100.0, "ok"))
    assert {entry.name: (entry.since_ms, entry.busy_ms) for entry in report.timeline if entry.kind == "set"} == {
        "model": (40.0, None),
        "pool": (50.0, 2.0),
    }
    assert report.startup.stages[0].busy_ms is None


def test_component_has_the_dependencies_of_its_contract_and_its_line() -> None:
    line = Location("/home/ada/shop/pyproject.toml", 12)
    declared = contract(
        "engine", requires=("pool",), wires={"bridge": "bridge"}, origin=ContractSource(text="", location=line)
    )
    startup = Startup(declared, contract("gone", requires=("pool",))).sets("bridge", 1).sets("pool", 2)
    engine, gone, pool = sorted(
        (one for one in reported(startup.sets("engine", 3)).components if one.address != "bridge"),
        key=lambda component: component.address,
    )
    assert (engine.requires, dict(engine.wires), engine.declared_at) == (("pool",), {"bridge": "bridge"}, line)
    assert (gone.present, gone.requires, gone.declared_at) == (False, ("pool",), None)
    assert (pool.requires, dict(pool.wires), pool.declared_at) == ((), {}, None)


def test_components_are_listed_in_the_order_they_were_set_then_those_never_set() -> None:
    startup = Startup(contract("missing", type="shop:Cache"), contract("pool")).sets("free", 9).sets("pool", 5)
    startup.sets_none("free", 12)
    missing, pool, free = sorted(reported(startup).components, key=lambda component: component.set_ms or 0.0)
    assert [component.address for component in reported(startup).components] == ["pool", "free", "missing"]
    assert (missing.present, missing.status, missing.declared, missing.type) == (False, "broken", "shop:Cache", None)
    assert (pool.status, pool.set_ms, pool.writes, pool.location) == ("held", 5.0, 1, at(5))
    assert (free.status, free.is_none, free.writes, free.location) == ("unchecked", True, 2, at(12))


def test_component_has_the_status_of_its_contract() -> None:
    startup = Startup(
        contract("held"),
        contract("broken", type="shop:Pool"),
        contract("blocked", requires=("broken",)),
        contract("unclear", bounds={"gt": 0}),
    )
    for line, name in enumerate(["held", "broken", "blocked", "unclear", "free"]):
        startup.sets(name, line)
    startup.answers("fits", "broken", holds=False).answers("bound", "unclear", "gt", holds=None)
    report = reported(startup)
    assert statuses(report) == {
        "held": "held",
        "broken": "broken",
        "blocked": "blocked",
        "unclear": "not_run",
        "free": "unchecked",
    }
    summary = report.summary
    assert (summary.contracts, summary.held, summary.broken, summary.blocked, summary.not_run) == (4, 1, 1, 1, 1)
    assert (summary.errors, summary.components) == (1, 5)
    assert next(c for c in report.components if c.address == "blocked").blocked_by == "broken"


def test_contract_that_requires_presence_only_is_marked() -> None:
    contracts = [
        contract("pool"),
        contract("mode", attributes=("a",)),
        contract("cache", requires=("pool",)),
        contract("no"),
    ]
    startup = Startup(*contracts).sets("pool", 1).sets("mode", 2).sets("cache", 3)
    marked = {component.address for component in reported(startup).components if component.presence_only}
    assert marked == {"pool", "no"}


@pytest.mark.parametrize("severity", ["error", "warning", "note"])
def test_broken_contract_is_not_held_whatever_its_severity(severity: str) -> None:
    assert statuses(reported(Startup(contract("pool", severity=severity)))) == {"pool": "broken"}


def test_contract_is_not_held_when_the_code_that_would_break_it_is_not_selected() -> None:
    report = reported(Startup(contract("pool")), selected=lambda code: code != "NC201")
    assert statuses(report) == {"pool": "not_run"}


def test_contract_is_not_held_when_a_check_of_components_itself_failed() -> None:
    class Bug(WrongType):
        """A check with a bug in it."""

        def judge(self, context: Context) -> list[Any]:
            """Raises."""
            raise ZeroDivisionError

    checks = tuple(Bug() if check.code == "NC203" else check for check in CHECKS)
    assert statuses(reported(Startup(contract("pool")).sets("pool", 5), checks=checks)) == {"pool": "not_run"}


def test_contract_whose_moment_was_not_reached_is_blocked_by_the_failed_stage() -> None:
    startup = Startup(contract("early", "initialization"), contract("late"), contract("wrong", type="a:B"))
    startup.sets("early", 5).marks_end_of("initialization", 6).sets("late", 7).sets("wrong", 8)
    startup.answers("fits", "wrong", holds=False)
    startup.fails("startup", fault("raised", raised("ValueError", "no", 9)))
    report = reported(startup)
    assert statuses(report) == {"early": "held", "late": "blocked", "wrong": "broken"}
    (blocked,) = report.blocked
    assert (blocked.component, blocked.by) == ("late", "startup")
    assert blocked.finding in {finding.fingerprint for finding in report.findings if finding.code == "NC108"}
    assert phases(report)["initialization"] == "passed"
    assert phases(report)["readiness"] == "failed"


def test_contract_that_a_code_which_is_left_out_would_break_is_not_run_with_the_reason() -> None:
    startup = Startup(contract("pool", methods=["open"])).sets("pool", 5)
    startup.answers("method", "pool", "open", holds=False, missing="open")
    report = reported(startup, selected=lambda code: code != "NC205", strict=True)
    assert statuses(report) == {"pool": "not_run"}
    (entry,) = report.not_run
    assert (entry.code, entry.component, entry.required) == ("NC205", "pool", False)
    assert "left out" in entry.reason
    assert report.exit_code == 0


def test_strict_fails_what_a_contract_asks_for_and_could_not_be_done() -> None:
    startup = Startup(contract("pool", methods=["open"])).sets("pool", 5)
    startup.answers("method", "pool", "open", holds=None)
    assert reported(startup).exit_code == 0
    report = reported(startup, strict=True)
    assert (report.exit_code, report.failed_by, report.summary.required_not_run) == (1, (NOT_RUN,), 1)


@pytest.mark.parametrize(("optional", "exit_code"), [(True, 0), (False, 1)])
def test_strict_allows_a_phase_check_to_require_a_component_that_is_optional_and_absent(
    optional: bool, exit_code: int
) -> None:
    startup = Startup(contract("cache", optional=optional, severity="warning"))
    startup.sees(phase_checks=(PhaseCheckResult("shop.checks:warm", "readiness", requires=("cache",)),))
    report = reported(startup, strict=True)
    (entry,) = [entry for entry in report.not_run if entry.code == "NC507"]
    assert (entry.required, report.exit_code) == (not optional, exit_code)


@pytest.mark.parametrize("stage", ["settle", "isolation", "live"])
def test_stage_that_did_not_succeed_fails_the_run_without_a_finding(stage: StageName) -> None:
    startup = Startup(contract("pool")).sets("pool", 5).fails(stage, fault("raised", raised("OSError")))
    report = reported(startup, selected=lambda code: code != "NC108")
    assert report.findings == ()
    assert (report.verdict, report.exit_code, report.failed_by) == (Verdict.FAILED, 1, (stage,))


def test_report_without_contracts_checks_and_marks_has_no_phases() -> None:
    assert reported(Startup().sets("pool", 5)).phases == ()


def test_phase_is_passed_failed_blocked_or_empty() -> None:
    startup = Startup(
        contract("pool", "initialization"),
        contract("bridge", "configuration"),
        contract("factory", "integration", requires=("bridge",)),
    )
    assert phases(reported(startup.sets("pool", 5))) == {
        "initialization": "passed",
        "configuration": "failed",
        "integration": "blocked",
        "readiness": "empty",
    }


def test_contract_without_a_phase_counts_for_readiness() -> None:
    report = reported(Startup(contract("pool")))
    assert phases(report)["readiness"] == "failed"


def test_marked_phase_has_its_times_and_fails_if_its_block_raised() -> None:
    startup = Startup().marks_end_of("initialization", 6).marks_end_of("configuration", 9, "failed")
    first, second, *_ = reported(startup).phases
    assert (first.status, first.marked, first.ms) == ("passed", True, 6.0)
    assert (second.status, second.marked) == ("failed", True)


def test_phase_whose_checks_were_not_run_has_not_passed() -> None:
    startup = Startup(contract("pool", "initialization"))
    startup.sees(phase_checks=(PhaseCheckResult("shop.checks:answers", "readiness", requires=("pool",)),))
    assert phases(reported(startup))["readiness"] == "not_run"


def test_phase_whose_check_failed_has_failed() -> None:
    startup = Startup().sees(phase_checks=(PhaseCheckResult("shop.checks:answers", "readiness", messages=("no",)),))
    assert phases(reported(startup))["readiness"] == "failed"


def test_phases_after_the_selected_one_are_left_out() -> None:
    startup = Startup(contract("pool", "initialization"), contract("bridge", "readiness"))
    report = reported(startup, until="configuration")
    assert list(phases(report)) == ["initialization", "configuration"]
    assert report.summary.contracts == 1


def test_output_is_included_only_if_the_run_failed_and_is_bounded() -> None:
    printed = tuple(["x" * 5000] * 60)
    failed = Startup(contract("pool"))
    passed = Startup()
    for startup, lines in ((failed, 40), (passed, 0)):
        recording = startup.recording().model_copy(update={"output": printed})
        report = build_report(recording, judge(recording), fail_level="error", tool_version="1.2.3")
        assert len(report.output) == lines
        assert all(len(line) < 1100 for line in report.output)


def test_report_includes_how_target_and_contracts_were_found() -> None:
    report = reported(Startup(), resolved=("named",), contracts_from=("2 contracts from a.toml",))
    assert (report.target.resolved, report.target.contracts_from) == (("named",), ("2 contracts from a.toml",))
    assert report.target.info.spec == "shop.main:app"


def a_chain(names: list[str]) -> Startup:
    """Each component is wired to the one before it."""
    startup = Startup(
        *(
            contract(name, type="shop:Thing", wires={"_before": before} if before else {})
            for name, before in zip(names, ["", *names], strict=False)
        )
    )
    for line, name in enumerate(names):
        startup.sets(name, line)
    return startup


def all_missing(names: list[str]) -> Startup:
    """None of the components is there; others with almost the same names are."""
    startup = Startup(*(contract(name) for name in names))
    for line, name in enumerate(names):
        startup.sets(f"{name}_", line)
    return startup


def all_required_only(names: list[str]) -> Startup:
    """Each contract requires a component that has none and is not there."""
    startup = Startup(*(contract(name, requires=(f"{name}_needed",)) for name in names))
    for line, name in enumerate(names):
        startup.sets(name, line)
    return startup


def calls_to_judge(startup: Startup) -> int:
    """How many calls judging and reporting take: work, counted and not timed."""
    recording = startup.recording()
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        build_report(recording, judge(recording), fail_level="error", tool_version="1.2.3")
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("make", [a_chain, all_missing, all_required_only])
def test_work_grows_linearly_with_the_number_of_contracts(make: Callable[[list[str]], Startup]) -> None:
    small, large = ([f"component_{number}" for number in range(count)] for count in (100, 1000))
    assert calls_to_judge(make(large)) < 12 * calls_to_judge(make(small))


def test_impacts_of_broken_and_blocked_contracts_are_listed_and_those_of_held_ones_are_not() -> None:
    report = reported(
        Startup(
            contract("engine", "integration", requires=("pool",), impact="no agent answers"),
            contract("pool", "initialization", impact="no user can be reached"),
            contract("name", impact="the page has no title"),
        ).sets("name", 5),
        fail_level="warning",
    )
    assert [(impact.text, impact.status, impact.codes) for impact in report.impacts] == [
        ("no user can be reached", "broken", ("NC201",)),
        ("no agent answers", "blocked", ()),
    ]
    assert {component.address: component.impact for component in report.components} == {
        "engine": "no agent answers",
        "pool": "no user can be reached",
        "name": "the page has no title",
    }
    assert (report.fail_level, report.fail_levels) == ("warning", {})
