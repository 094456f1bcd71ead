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


def test_recording_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "recording.json"
    path.write_text(Startup().sets("pool", 1).recording().model_dump_json())
    assert read_recording_or_report(str(path)) == Startup().sets("pool", 1).recording()


@pytest.mark.parametrize("form", ["json", "html"])
def test_report_is_recognised(form: str, tmp_path: Path) -> None:
    run, path = RunReport.of(sample_reports.failed()), tmp_path / "report"
    path.write_text(RENDERERS[form](run, RenderOptions()))
    assert read_recording_or_report(str(path)) == run


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is neither a recording nor a report"),
        ("[1]", "is neither a recording nor a report"),
        ("[" * 100_000, "is neither a recording nor a report"),
        ('{"schema_version": 2}', "is neither a recording nor a report"),
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
