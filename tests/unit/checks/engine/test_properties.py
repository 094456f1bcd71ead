"""Properties of the judgement of any startup."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from netra_contracts.checks.engine.report_builder import build_report
from netra_contracts.contracts.model import ComponentContract
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
    if draw(st.sampled_from([False, False, False, True])):
        startup.fails("startup", fault("raised", raised("ValueError", "no", 90)))
    for one in startup.contracts:
        for path in one.wires:
            startup.answers("same", one.component, path, **draw(st.sampled_from(SAME)))
    return startup


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


@given(startups())
def test_every_contract_is_counted_once_under_its_status(startup: Startup) -> None:
    judgement = startup.judged()
    report = build_report(startup.recording(), judgement, fail_level="error", tool_version="1.2.3")
    status = {component.address: component.status for component in report.components}
    declared = {one.component for one in startup.contracts}
    counted = Counter(status[name] for name in declared)
    summary = report.summary
    assert summary.contracts == len(declared) == counted.total()
    assert (summary.held, summary.broken, summary.blocked) == (counted["held"], counted["broken"], counted["blocked"])
    assert {name for name in declared if status[name] == "blocked"} == {one.component for one in judgement.blocked}
    faulty = {finding.component for finding in judgement.findings if finding.severity == "error"} & declared
    assert {name for name in faulty if status[name] == "held"} == set()


@given(startups())
def test_blocked_contract_names_a_reported_component_or_the_failed_stage(startup: Startup) -> None:
    judgement = startup.judged()
    roots = {entry.by for entry in judgement.blocked} - {"startup"}
    assert roots <= {finding.component for finding in judgement.findings}
    assert not roots & {entry.component for entry in judgement.blocked}


@given(startups())
def test_blocked_component_reports_no_finding(startup: Startup) -> None:
    contracted = ("NC201", "NC202", "NC203", "NC301", "NC302", "NC303", "NC304", "NC305")
    blocked = set(startup.blocked())
    assert [found for found in startup.codes() if found[0] in contracted and found[1] in blocked] == []
