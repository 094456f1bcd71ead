"""Files that commands read: recordings and JSON reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netra_contracts.cli.saved_input import read_recording_or_report
from netra_contracts.errors import UsageError
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RENDERERS, RenderOptions
from tests.unit.checks.evidence import Startup
from tests.unit.reports import sample_reports

REPORT = RENDERERS["json"](RunReport.of(sample_reports.failed()), RenderOptions())


def test_recording_and_report_are_recognised(tmp_path: Path) -> None:
    recording, report = tmp_path / "recording.json", tmp_path / "report.json"
    recording.write_text(Startup().sets("pool", 1).recording().model_dump_json())
    report.write_text(REPORT)
    assert read_recording_or_report(str(recording)) == Startup().sets("pool", 1).recording()
    assert read_recording_or_report(str(report)) == RunReport.of(sample_reports.failed())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is neither a recording nor a JSON report"),
        ("[1]", "is neither a recording nor a JSON report"),
        ("[" * 100_000, "is neither a recording nor a JSON report"),
        ('{"schema_version": 2}', "is neither a recording nor a JSON report"),
        ('{"observation": 3}', "is not a recording that this version can read"),
        (json.dumps({**json.loads(REPORT), "schema_version": 3}), "has version 3 of the schema"),
        (json.dumps({**json.loads(REPORT), "verdict": "maybe"}), "cannot be read: reports.0.report.verdict"),
    ],
)
def test_other_files_are_wrong_usage(content: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "saved.json"
    path.write_text(content)
    with pytest.raises(UsageError) as refused:
        read_recording_or_report(str(path), "A")
    (problem,) = refused.value.problems
    assert (problem.place, reason in problem.message, str(path) in problem.message) == ("A", True, True)


def test_missing_file_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_recording_or_report(str(tmp_path / "none.json"))
