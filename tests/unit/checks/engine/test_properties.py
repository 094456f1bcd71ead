"""Properties of the judgement of any startup."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from netra_contracts.checks.engine.report_builder import build_report
from netra_contracts.contracts.fail_level import FAIL_LEVELS, FailLevel
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.declare import Phase
from netra_contracts.model.report import Verdict
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RENDERERS, RenderOptions
from tests.unit.checks.evidence import Startup, at, contract, fault, raised

NAMES = ("pool", "bridge", "engine")
#: How a wire may turn out.
SAME: list[dict[str, bool | None]] = [{}, {"holds": False}, {"holds": None}]
STEPS = st.tuples(st.sampled_from(["set", "none", "delete", "read"]), st.sampled_from(NAMES))


ORDER = ["initialization", "configuration", "integration", "readiness", None]
PHASES = st.lists(st.sampled_from(ORDER), min_size=len(NAMES), max_size=len(NAMES))


@st.composite
def contracts(draw: st.DrawFn) -> tuple[ComponentContract, ...]:
    """Contracts of some of the components, each depending on earlier ones."""
    phases = sorted(draw(PHASES), key=ORDER.index)
    found = []
    for position, (name, phase) in enumerate(zip(NAMES, phases, strict=True)):
        if not draw(st.booleans()):
            continue
        before = st.lists(st.sampled_from(NAMES[:position]), unique=True) if position else st.just([])
        wires = {f"_{other}": other for other in draw(before)}
        requires = tuple(draw(before))
        found.append(contract(name, phase, requires=requires, wires=wires, optional=draw(st.booleans())))
    return tuple(found)


@st.composite
def startups(draw: st.DrawFn) -> Startup:
    """A startup of up to a dozen steps, with up to two marked phases, that may fail."""
    startup = Startup(*draw(contracts()))
    lines = sorted(draw(st.sets(st.integers(1, 12), max_size=2)))
    ends = dict(zip(lines, ("initialization", "integration"), strict=False))
    for line, (step, name) in enumerate(draw(st.lists(STEPS, max_size=12)), start=1):
        _take(startup, step, name, line)
        if line in ends:
            startup.marks_end_of(ends[line], line)
    _end(draw, startup)
    for one in startup.contracts:
        for path in one.wires:
            startup.answers("same", one.component, path, **draw(st.sampled_from(SAME)))
    return startup


def _end(draw: st.DrawFn, startup: Startup) -> None:
    """How the run ends: mostly well, else in any stage, with answers or without."""
    end = draw(st.sampled_from([None, None, "import", "build", "startup", "startup", "settle", "shutdown"]))
    failure = fault("raised", raised("ValueError", "no", 90))
    if end == "import":
        startup.dies("import", fault("import-raised", raised("ValueError", "no", 90)))
    elif end == "build":
        startup.dies("build", fault("factory-raised", raised("ValueError", "no", 90)))
    elif end == "startup" and draw(st.booleans()):
        startup.dies("startup", fault("died", status=-11))
    elif end == "startup":
        startup.fails("startup", failure)
    elif end == "settle":
        startup.dies("settle", fault("died", status=-11))
    elif end == "shutdown":
        startup.fails("shutdown", failure)


def _take(startup: Startup, step: str, name: str, line: int) -> None:
    """One step; only what is there can be deleted, and only a read of what is not there is an event."""
    present = {component.address for component in startup.recording().observation.components}
    if step == "set":
        startup.sets(name, line)
    elif step == "none":
        startup.sets_none(name, line)
    elif step == "delete" and name in present:
        startup.deletes(name, line)
    elif step == "read" and name not in present:
        startup.reads(name, line)


@given(startups())
def test_component_reports_one_of_NC201_NC202_NC301_and_NC305_at_most(startup: Startup) -> None:
    told = Counter(component for code, component in startup.codes() if code in ("NC201", "NC202", "NC301", "NC305"))
    assert [component for component, times in told.items() if times > 1] == []


@given(startups())
def test_fingerprints_are_unique_and_causes_exist(startup: Startup) -> None:
    findings = startup.findings()
    fingerprints = [finding.fingerprint for finding in findings]
    assert len(set(fingerprints)) == len(fingerprints)
    assert {finding.caused_by for finding in findings if finding.caused_by} <= set(fingerprints)


@given(startups())
def test_fingerprints_do_not_depend_on_lines_and_times(startup: Startup) -> None:
    before = [finding.fingerprint for finding in startup.findings()]
    startup.events = [
        replace(event, ms=event.ms + 7, location=at(event.location.line + 7) if event.location else None)
        for event in startup.events
    ]
    assert [finding.fingerprint for finding in startup.findings()] == before


#: Which codes are selected.
SELECTIONS = st.sampled_from([(), ("NC2",), ("NC3",), ("NC201",), ("NC1",)])


@given(
    startups(),
    st.sampled_from([None, *Phase]),
    SELECTIONS,
    st.sampled_from(FAIL_LEVELS),
    st.booleans(),
)
def test_statuses_totals_phases_headline_and_exit_status_agree(
    startup: Startup, until: Phase | None, selection: tuple[str, ...], fail_level: FailLevel, strict: bool
) -> None:
    judgement = startup.judged(until and until.value, selected=lambda code: not selection or code.startswith(selection))
    report = build_report(startup.recording(), judgement, fail_level=fail_level, strict=strict, tool_version="1.2.3")
    summary, scope = report.summary, judgement.context.contracts.in_scope
    status = {component.address: component.status for component in report.components}
    counted = Counter(status[contract.component] for contract in scope)

    assert summary.contracts == len(scope) == counted.total()
    assert summary.later_contracts == len(startup.contracts) - len(scope)
    assert summary.held == counted["held"]
    assert summary.broken == counted["broken"]
    assert summary.blocked == counted["blocked"]
    assert summary.contracts_not_run == counted["not_run"]
    for field in ("contracts", "held", "broken", "blocked"):
        assert sum(getattr(phase, field) for phase in report.phases) == getattr(summary, field)

    breaking = [finding for finding in judgement.findings if judgement.checks[finding.code].breaks_contract]
    named = {finding.component for finding in breaking} & set(judgement.statuses)
    assert {name for name in judgement.statuses if status[name] == "broken"} == named
    assert {entry.component for entry in report.blocked} == {name for name in status if status[name] == "blocked"}
    reasons = {entry.component for entry in report.not_run}
    assert {name for name in status if status[name] == "not_run"} <= reasons

    for declared in scope:
        reached = judgement.context.evidence.started or judgement.context.contracts.is_judged_at_mark(declared)
        assert reached or status[declared.component] in ("blocked", "broken")
    for phase in report.phases:
        assert (phase.status == "passed") <= (phase.held == phase.contracts)
        assert (phase.status == "failed") >= bool(phase.broken)

    assert report.exit_code == bool(report.failed_by)
    assert (report.verdict is Verdict.PASSED) <= (report.exit_code == 0)
    assert (report.verdict is Verdict.FAILED) <= (report.exit_code == 1)
    if strict and fail_level != "never" and summary.required_not_run:
        assert report.exit_code == 1
    if fail_level == "error" and report.exit_code == 0:
        assert summary.errors == 0
    drawn = RENDERERS["table"](RunReport.of(report), RenderOptions(width=200))
    assert f"{summary.contracts} contracts hold" not in drawn or summary.held == summary.contracts
    document = json.loads(RENDERERS["json"](RunReport.of(report), RenderOptions()))
    assert (document["exit_code"], document["summary"]["held"]) == (report.exit_code, summary.held)
    assert f"{summary.errors} error" in RENDERERS["github"](RunReport.of(report), RenderOptions()).splitlines()[-1]


@given(startups())
def test_blocked_contract_names_a_reported_component_or_the_failed_stage(startup: Startup) -> None:
    judgement = startup.judged()
    roots = {entry.by for entry in judgement.blocked} - {"import", "build", "startup"}
    assert roots <= {finding.component for finding in judgement.findings}
    assert not roots & {entry.component for entry in judgement.blocked}


@given(startups())
def test_blocked_component_reports_no_finding(startup: Startup) -> None:
    contracted = ("NC201", "NC202", "NC203", "NC301", "NC302", "NC303", "NC304", "NC305")
    blocked = set(startup.blocked())
    assert [found for found in startup.codes() if found[0] in contracted and found[1] in blocked] == []
