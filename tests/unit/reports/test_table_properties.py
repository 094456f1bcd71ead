"""What holds of every table, whatever the report says."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked, Cause, Finding, NotRun
from netra_contracts.model.report import ComponentReport, Report, Summary, TimelineEntry
from netra_contracts.protocol.failures import StackSnapshot
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RENDERERS, RenderOptions
from tests.unit.reports import sample_reports as samples

# Surrogates too: names need not be encodable.
texts = st.text(st.characters(), max_size=60) | st.sampled_from(
    ["x" * 300, "界" * 90, "a/" * 60 + "b.py", "A.b" * 40, "`"]
)
times = st.floats(0, 1e7)
locations = st.builds(Location, texts, st.integers(1, 10**6), texts)
causes = st.builds(Cause, message=texts, location=st.none() | locations, ms=st.none() | times)
stands = st.builds(
    StackSnapshot,
    st.sampled_from(["task", "thread", "process"]),
    texts,
    st.lists(locations, max_size=5).map(tuple),
    st.booleans(),
)
findings = st.builds(
    Finding,
    code=st.sampled_from(["NC101", "NC201", "NC303", "NC601"]),
    severity=st.sampled_from(Severity),
    message=texts,
    component=texts,
    phase=st.none() | st.sampled_from(Phase),
    subject=texts,
    location=st.none() | locations,
    causes=st.lists(causes, max_size=3).map(tuple),
    impact=texts,
    hint=texts,
    stacks=st.lists(stands, max_size=3).map(tuple),
)
components = st.builds(
    ComponentReport,
    address=texts,
    type=st.none() | texts,
    is_none=st.booleans(),
    present=st.booleans(),
    status=st.sampled_from(["held", "broken", "blocked", "not_run", "unchecked"]),
    set_ms=st.none() | times,
    location=st.none() | locations,
)
events = st.builds(
    TimelineEntry,
    kind=st.sampled_from(["phase", "set", "delete", "read", "replace-state"]),
    name=texts,
    ms=times,
    span_ms=st.none() | times,
    is_none=st.booleans(),
    compared=st.booleans(),
)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    found = draw(st.lists(findings, max_size=4))
    prints = [finding.fingerprint for finding in found]
    linked = [
        finding.model_copy(update={"caused_by": draw(st.sampled_from(["", "gone", *prints]))}) for finding in found
    ]
    return samples.made(
        findings=tuple(linked),
        components=tuple(draw(st.lists(components, max_size=4))),
        timeline=(*samples.spans(samples.startup()), *draw(st.lists(events, max_size=4))),
        blocked=tuple(
            Blocked(component=draw(texts), by=draw(texts), reason="") for _ in range(draw(st.integers(0, 3)))
        ),
        not_run=tuple(NotRun(code="NC208", reason=draw(texts), component=draw(texts)) for _ in range(2)),
        notes=(draw(texts),),
        output=(draw(texts),),
        summary=Summary(contracts=draw(st.integers(0, 3))),
    )


options = st.builds(
    RenderOptions,
    width=st.integers(40, 210),
    unicode=st.booleans(),
    verbose=st.integers(-1, 2),
    cwd=st.just(samples.CWD),
)


@settings(max_examples=150, deadline=None)
@given(reports(), options)
def test_no_line_is_too_wide_and_nothing_of_the_target_draws(report: Report, how: RenderOptions) -> None:
    text = RENDERERS["table"](report, how)
    lines = text.splitlines()
    assert max(map(cell_len, lines)) <= how.width
    assert all(line.isprintable() and line == line.rstrip() for line in lines)
    text.encode("utf-8" if how.unicode else "ascii")


@settings(max_examples=50, deadline=None)
@given(reports(), st.integers(80, 120))
def test_every_code_is_told_and_roots_keep_their_order(report: Report, width: int) -> None:
    text = RENDERERS["table"](report, RenderOptions(width=width))
    assert set(re.findall(r"\[(NC\d+)\]", text)) >= {finding.code for finding in report.findings}
    roots = [finding.code for finding in report.findings if not finding.caused_by]
    headlines = iter(re.findall(r"^(?:error|warning|note)\[(NC\d+)\]", text, re.MULTILINE))
    assert all(code in headlines for code in roots)


@settings(max_examples=50, deadline=None)
@given(reports(), options)
def test_colour_changes_no_character(report: Report, how: RenderOptions) -> None:
    coloured = RenderOptions(how.width, colour=True, unicode=how.unicode, verbose=how.verbose, cwd=how.cwd)
    text = RENDERERS["table"](report, coloured)
    assert re.sub(r"\x1b\[[\d;]*m", "", text) == RENDERERS["table"](report, how)
