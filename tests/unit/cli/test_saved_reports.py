"""`check --from` draws a saved report, JSON or HTML, in another format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netra_contracts.cli import typer_app
from netra_contracts.cli.saved_input import read_recording_or_report
from netra_contracts.errors import UsageError
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.reports import RENDERERS, RenderOptions
from netra_contracts.reports.json import run_document
from tests.unit.reports import sample_reports

RUNS = {
    "failed": RunReport.of(sample_reports.failed()),
    "passed": RunReport.of(sample_reports.report()),
    "several": RunReport(
        reports=(NamedReport(name="chat", report=sample_reports.failed()),),
        errors=(TargetError(name="mail", exit_code=2, problems=("mail.toml is not valid TOML",)),),
        several=True,
    ),
}


@pytest.fixture(params=["html", "json"])
def form(request: pytest.FixtureRequest) -> str:
    """The format of the saved report."""
    return str(request.param)


def save(run: RunReport, form: str, folder: Path) -> str:
    """Write a report, and return the path of its file."""
    path = folder / f"report.{form}"
    path.write_text(RENDERERS[form](run, RenderOptions()), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(("name", "status"), [("failed", 1), ("passed", 0), ("several", 2)])
def test_saved_report_is_drawn_with_its_exit_status(
    name: str, status: int, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save(RUNS[name], form, tmp_path)
    assert typer_app.run(["check", "--from", path, "--format", "json"]) == status
    assert json.loads(capsys.readouterr().out) == run_document(RUNS[name])


def test_exit_zero_applies_to_a_saved_report(form: str, tmp_path: Path) -> None:
    assert typer_app.run(["check", "--from", save(RUNS["failed"], form, tmp_path), "--exit-zero"]) == 0
    assert typer_app.run(["check", "--from", save(RUNS["several"], form, tmp_path), "--exit-zero"]) == 2


def test_options_that_check_have_no_effect_on_a_report(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save(RUNS["failed"], form, tmp_path)
    given = ["--select", "NC3", "--strict", "--no-source", "--fail-level", "warning"]
    assert typer_app.run(["check", "--from", path, *given]) == 2
    err = " ".join(capsys.readouterr().err.split())
    assert err.count("is a report, not a recording") == 4
    for option in ("--select", "--strict", "--no-source", "--fail-level"):
        assert f"leave out {option}" in err


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("<!DOCTYPE html><p>no report</p>", "is an HTML page without a report"),
        ("\n<html></html>", "is an HTML page without a report"),
        ('<script type="application/json" id="report">{"a": 1', "is an HTML page without a report"),
        ('<script type="application/json" id="report">{"a": 1}</script>', "is neither a recording nor a report"),
        ('<script type="application/json" id="report">' + "[" * 100_000 + "</script>", "is neither a recording"),
        ('<script type="application/json" id="report"></script>', "is neither a recording nor a report"),
    ],
)
def test_page_without_a_report_is_wrong_usage(page: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        read_recording_or_report(str(path))
    (problem,) = refused.value.problems
    assert reason in problem.message
    assert problem.hint


def test_report_in_a_page_may_have_the_markup_of_a_report_in_its_text(tmp_path: Path) -> None:
    trap = '</script><script type="application/json" id="report">{}</script>'
    finding = sample_reports.NC303.model_copy(update={"message": trap, "hint": trap})
    run = RunReport.of(sample_reports.failed().model_copy(update={"findings": (finding,), "output": (trap,)}))
    assert read_recording_or_report(save(run, "html", tmp_path)) == run
