"""The table of a self-test."""

from __future__ import annotations

from netra_contracts.model.selftest import FaultResult, Flow, SelfTest
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.selftest import render

RESULT = SelfTest(
    tool_version="1.0",
    verdict="failed",
    exit_code=1,
    seconds=2.5,
    flows=(Flow(name="events are delivered", passed=True, evidence="3 users received 15 events"),),
    findings=("NC202 `pool` is None",),
    faults=(
        FaultResult(name="pool-none", description="d", expected="NC202 pool", found=(), detected=False, ms=1.0),
        FaultResult(
            name="pool-late", description="d", expected="NC301 pool", found=("NC301 pool",), detected=True, ms=1.0
        ),
    ),
)
EXPECTED = """\
FAILED  1 of 2 seeded faults detected in 2.50 s
  unchanged reference: NC202 `pool` is None

   flow                  evidence
✓  events are delivered  3 users received 15 events

   fault      expected    found
✗  pool-none  NC202 pool  nothing
✓  pool-late  NC301 pool  as expected
"""


def test_table_has_verdict_findings_flows_and_faults() -> None:
    assert render(RESULT, RenderOptions(width=80)) == EXPECTED


def test_ascii_table_marks_rows_with_words() -> None:
    text = render(RESULT, RenderOptions(width=80, unicode=False))
    assert "FAILED  pool-none" in text
    assert "ok      pool-late" in text
    assert text.isascii()


def test_colour_marks_failed_rows_red() -> None:
    text = render(RESULT, RenderOptions(width=80, colour=True))
    assert [line for line in text.splitlines() if "\x1b[31m" in line and "pool-none" in line]
    assert not [line for line in text.splitlines() if "\x1b[31m" in line and "pool-late" in line]


def test_faults_alone_have_no_table_of_flows() -> None:
    text = render(RESULT.model_copy(update={"flows": (), "findings": ()}), RenderOptions(width=80))
    assert "flow" not in text
    assert "unchanged reference" not in text
