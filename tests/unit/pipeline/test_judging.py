"""Severity and fail level by code."""

from __future__ import annotations

from typing import Any

import pytest

from netra_contracts.contracts.fail_level import for_code
from netra_contracts.contracts.model import Severity
from netra_contracts.model.report import Report
from netra_contracts.pipeline import JudgeOptions, judge_recording
from tests.unit.checks.evidence import Startup, contract, fault, raised


def report(startup: Startup | None = None, **options: Any) -> Report:
    """The report of a startup; by default of one with an error NC201 and a warning NC305."""
    if startup is None:
        startup = Startup(contract("pool")).sets("cache", 6).deletes("cache", 7)
    return judge_recording(startup.recording(), JudgeOptions(**options))


def severities(found: Report) -> dict[str, str]:
    """The severity of the findings by code, in the order of the report."""
    return {finding.code: finding.severity.value for finding in found.findings}


def test_longest_prefix_applies() -> None:
    table = {"NC3": "a", "NC304": "b", "N": "c"}
    assert [for_code(code, table, "default") for code in ("NC304", "NC305", "NC201", "X1")] == [
        "b",
        "a",
        "c",
        "default",
    ]


def test_severity_by_code_changes_counts_order_and_exit_status() -> None:
    assert severities(report()) == {"NC201": "error", "NC305": "warning"}
    changed = report(severities={"NC201": Severity.NOTE, "NC3": Severity.ERROR})
    assert list(severities(changed).items()) == [("NC305", "error"), ("NC201", "note")]
    assert (changed.summary.errors, changed.summary.notes, changed.failed_by) == (1, 1, ("NC305",))
    assert changed.summary.broken == 1  # a note breaks the contract, too


def test_severity_by_code_overrides_that_of_a_contract() -> None:
    startup = Startup(contract("pool", severity="note"))
    assert severities(report(startup)) == {"NC201": "note"}
    assert severities(report(startup, severities={"NC2": Severity.WARNING})) == {"NC201": "warning"}


def test_severity_by_code_does_not_change_causes() -> None:
    startup = Startup(contract("pool"))
    read = startup.reads("pool", 9)
    startup.fails("startup", fault("raised", raised("AttributeError", "no", 9, failed_read=read)))
    before = report(startup)
    after = report(startup, severities={finding.code: Severity.NOTE for finding in before.findings})
    assert {finding.fingerprint: finding.caused_by for finding in before.findings} == {
        finding.fingerprint: finding.caused_by for finding in after.findings
    }


@pytest.mark.parametrize(
    ("options", "failed_by"),
    [
        ({}, ("NC201",)),
        ({"fail_levels": {"NC2": "never"}}, ()),
        ({"fail_levels": {"NC305": "warning"}}, ("NC201", "NC305")),
        ({"fail_levels": {"NC3": "warning", "NC305": "error"}}, ("NC201",)),
        ({"fail_level": "never", "fail_levels": {"NC3": "warning"}}, ("NC305",)),
        ({"fail_level": "warning", "fail_levels": {"NC": "never"}}, ()),
    ],
)
def test_fail_level_by_code_overrides_the_general_fail_level(
    options: dict[str, Any], failed_by: tuple[str, ...]
) -> None:
    found = report(**options)
    assert (found.failed_by, found.exit_code) == (failed_by, int(bool(failed_by)))
