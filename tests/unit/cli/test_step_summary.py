"""The step summary of GitHub Actions: appended to, never replaced, and never too long to be shown."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from netra_contracts.cli import step_summary
from netra_contracts.cli.typer_app import run
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RenderOptions
from tests.unit.checks.evidence import Startup, contract
from tests.unit.reports import sample_reports

MIB = 1024 * 1024


@pytest.fixture
def summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the runner names, with what an earlier command wrote; a recording is in the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    path = tmp_path / "summary.md"
    path.write_text("# Tests\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    recording = Startup(contract("pool")).recording()
    (tmp_path / "recording.json").write_text(recording.model_dump_json(), encoding="utf-8")
    return path


@pytest.mark.parametrize("argv", [("--format", "github"), ("--report", "github=annotations.txt")])
def test_report_is_appended_where_the_format_is_asked_for(summary: Path, argv: tuple[str, ...]) -> None:
    assert run(["check", "--from", "recording.json", *argv]) == 1
    text = summary.read_text()
    assert text.startswith("# Tests\n\n<h3>netra-contracts: FAILED")
    assert text.count("<h3>") == 1


def test_format_ci_appends_on_github_and_other_formats_do_not(summary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(["check", "--from", "recording.json", "--format", "ci"]) == 1
    assert run(["check", "--from", "recording.json", "--format", "json"]) == 1
    assert summary.read_text() == "# Tests\n"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert run(["check", "--from", "recording.json", "--format", "ci", "--report", "github=x"]) == 1
    assert summary.read_text().count("<h3>") == 1


def test_step_summary_is_truncated_to_one_mebibyte_including_earlier_text(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("x" * (MIB - 30_000))
    findings = tuple(
        Finding(code="NC201", severity=Severity.ERROR, message="m" * 400, component=f"c{n}") for n in range(1000)
    )
    report = RunReport.of(sample_reports.report(findings=findings))
    step_summary.append(report, RenderOptions(), {"GITHUB_STEP_SUMMARY": str(path)})
    assert MIB - 2000 < path.stat().st_size <= MIB
    assert path.read_text().endswith("more findings; the JSON report has them</p>\n\n")
    step_summary.append(report, RenderOptions(), {"GITHUB_STEP_SUMMARY": str(path)})
    assert path.stat().st_size <= MIB


def test_file_that_cannot_be_written_is_reported_and_fails_nothing(
    summary: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary.parent))
    assert run(["check", "--from", "recording.json", "--format", "github"]) == 1
    written = capsys.readouterr()
    assert written.out.startswith("::error ")
    assert "GITHUB_STEP_SUMMARY" in written.err
    assert "Is a directory" in written.err


def test_half_a_report_is_removed_again_when_the_disk_is_full(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "summary.md"
    path.write_text("# Tests\n")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))  # Python ignores the signal, so the write fails
    try:
        report = RunReport.of(sample_reports.failed())
        step_summary.append(report, RenderOptions(), {"GITHUB_STEP_SUMMARY": str(path)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_text() == "# Tests\n"
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_full_disk_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    step_summary.append(RunReport.of(sample_reports.failed()), RenderOptions(), {"GITHUB_STEP_SUMMARY": "/dev/full"})
    assert "No space left on device" in capsys.readouterr().err
