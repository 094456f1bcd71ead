"""`netra-contracts usage --from`: which saved runs it reads, and what is wrong usage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netra_contracts.cli.typer_app import run
from netra_contracts.model.recording import Recording
from netra_contracts.model.run_report import RunReport
from netra_contracts.pipeline import JudgeOptions, judge_recording
from netra_contracts.reports import RENDERERS, RenderOptions
from tests.unit.checks.evidence import Startup, fault, raised
from tests.unit.model.usage_samples import SHOP, access, recorded


def saved(folder: Path, recording: Recording = SHOP) -> str:
    path = folder / "recording.json"
    path.write_text(recording.model_dump_json())
    return str(path)


def test_recording_is_listed_as_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["usage", "--from", saved(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("shop.main:app: 4 components: 1 with no known write, 1 read nowhere; 1 dynamic")
    assert err == ""


def test_recording_is_listed_as_json_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "usage.json"
    arguments = ["--from", saved(tmp_path), "--format", "json", "--component", "pool", "-o", str(output)]
    assert run(["usage", *arguments]) == 0
    assert [component["name"] for component in json.loads(output.read_text())["components"]] == ["pool"]
    assert capsys.readouterr() == ("", "")


def test_lines_of_one_component_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["usage", "--from", saved(tmp_path), "--component", "user"]) == 0
    assert capsys.readouterr().out.startswith("lifespan:user: shop.Thing, read in 1 place\n")


def test_target_that_did_not_start_is_listed_with_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    startup = Startup().sets("pool", 1).fails("startup", fault("raised", raised("ValueError")))
    assert run(["usage", "--from", saved(tmp_path, recorded(startup, access("read", "pool", "api.py", 1)))]) == 1
    out, err = capsys.readouterr()
    assert "pool" in out
    assert "what its startup did not reach is unknown" in err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--component", "pol"], 'have a component pol (did you mean "pool"?)'),
        (["--component", "zzz"], "(the components are pool, engine, lifespan:user, cache)"),
        (["main:app"], "is the recording of one target (leave out TARGET)"),
        (["--app-dir", "."], "--app-dir: this has no effect with --from"),
        (["--format", "html"], '"html"'),
    ],
)
def test_wrong_usage_is_reported_with_status_2(
    arguments: list[str], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["usage", "--from", saved(tmp_path), *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, problem in err) == ("", True), err


def test_report_has_no_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.json"
    report = judge_recording(SHOP, JudgeOptions())
    path.write_text(RENDERERS["json"](RunReport.of(report), RenderOptions()))
    assert run(["usage", "--from", str(path)]) == 2
    assert "is a report, which has counts of lines and not the lines (name a recording" in capsys.readouterr().err


def test_recording_without_usage_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(tmp_path, Startup().sets("pool", 1).recording())
    assert run(["usage", "--from", path]) == 2
    assert "has no usage: the sources were not read (record it again" in capsys.readouterr().err
