"""`netra-contracts graph --from`: which saved runs are drawn, and in which format."""

from __future__ import annotations

from pathlib import Path

import pytest

from netra_contracts.cli.typer_app import run
from netra_contracts.model.run_report import NamedReport, RunReport
from netra_contracts.pipeline import JudgeOptions, judge_recording
from netra_contracts.reports import RENDERERS, RenderOptions
from tests.unit.checks.evidence import Startup, contract, fault, raised

WIRED = Startup(contract("engine", wires={"_pool": "pool"})).sets("pool", 1).sets("engine", 2)
RECORDING = WIRED.answers("same", "engine", "_pool", holds=False).recording()
REPORT = judge_recording(RECORDING, JudgeOptions())
EDGE = '  n1 ==>|"_pool  ✗ NC303"| n0\n'


def saved(folder: Path, form: str) -> str:
    """The path of a saved run."""
    path = folder / "saved"
    if form == "recording":
        path.write_text(RECORDING.model_dump_json())
    else:
        path.write_text(RENDERERS[form](RunReport.of(REPORT), RenderOptions()))
    return str(path)


def of_several(folder: Path, *names: str) -> str:
    """The path of the report of several targets, of which the last one has the graph."""
    other = judge_recording(Startup().sets("other", 1).recording(), JudgeOptions())
    reports = [NamedReport(name=name, report=other if name != names[-1] else REPORT) for name in names]
    path = folder / "reports.json"
    path.write_text(RENDERERS["json"](RunReport(reports=tuple(reports), several=True), RenderOptions()))
    return str(path)


@pytest.mark.parametrize("form", ["recording", "json", "html"])
def test_graph_of_a_saved_run_is_written_in_mermaid(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["graph", "--from", saved(tmp_path, form)]) == 0
    out, err = capsys.readouterr()
    assert (EDGE in out, err) == (True, "")


@pytest.mark.parametrize(("form", "start"), [("dot", "digraph {\n"), ("svg", "<svg "), ("SVG", "<svg ")])
def test_graph_is_written_to_a_file(form: str, start: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "graph"
    assert run(["graph", "--from", saved(tmp_path, "json"), "--format", form, "-o", str(output)]) == 0
    assert output.read_text().startswith(start)
    assert capsys.readouterr() == ("", "")


def test_target_that_did_not_start_has_the_graph_of_its_contracts_and_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    startup = Startup(contract("engine", requires=("pool",))).fails("startup", fault("raised", raised("ValueError")))
    path = tmp_path / "recording.json"
    path.write_text(startup.recording().model_dump_json())
    assert run(["graph", "--from", str(path)]) == 1
    out, err = capsys.readouterr()
    assert "engine<br>" in out
    assert "the graph is incomplete" in err


def test_target_names_one_of_several_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["graph", "billing", "--from", of_several(tmp_path, "chat", "billing")]) == 0
    assert EDGE in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--from", "SEVERAL"], "has the reports of 2 targets (name one of chat, billing)"),
        (["biling", "--from", "SEVERAL"], 'has no report of biling (did you mean "billing"?)'),
        (["main:app", "--from", "RECORDING"], "is the recording of one target (leave out TARGET)"),
        (["--from", "REPORT", "--contracts", "more.toml"], "--contracts: this has no effect on a report"),
        (["--from", "REPORT", "--baseline", "known.toml"], "--baseline: this has no effect on a report"),
        (["--from", "RECORDING", "--baseline", "/nowhere.toml"], "there is no baseline /nowhere.toml"),
        (["--from", "REPORT", "--settle", "1"], "--settle: this has no effect with --from"),
        (["--from", "REPORT", "--format", "mermad"], 'there is no format "mermad" (did you mean "mermaid"?)'),
        (["--from", "REPORT", "--output", "/nowhere/graph.svg"], "the folder /nowhere does not exist"),
        (["--from", "/nowhere/report.json"], "cannot be read"),
    ],
)
def test_wrong_usage_has_a_hint(
    arguments: list[str], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = {
        "SEVERAL": of_several(tmp_path, "chat", "billing"),
        "REPORT": saved(tmp_path, "json"),
    }
    if "RECORDING" in arguments:
        paths["RECORDING"] = saved(tmp_path, "recording")
    assert run(["graph", *(paths.get(word, word) for word in arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert problem in " ".join(err.split())


def test_graph_does_not_replace_the_run_that_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(tmp_path, "json")
    before = Path(path).read_bytes()
    assert run(["graph", "--from", path, "-o", path]) == 2
    assert "would be overwritten: it is read by --from" in capsys.readouterr().err
    assert Path(path).read_bytes() == before


@pytest.mark.slow
def test_graph_does_not_replace_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "netra-contracts.toml"
    config.write_text('target = "main:app"\n')
    assert run(["graph", "-o", "./netra-contracts.toml"]) == 2
    assert "would be overwritten: it is the configuration file" in capsys.readouterr().err
    assert config.read_text() == 'target = "main:app"\n'
