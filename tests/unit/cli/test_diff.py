"""`diff` compares what `check` has saved: recordings, reports of one target, reports of several."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from netra_contracts.cli import typer_app
from netra_contracts.model.run_report import NamedReport, RunReport
from netra_contracts.reports import RENDERERS, RenderOptions
from netra_contracts.reports.json import run_document
from tests.unit.checks.evidence import Startup, contract
from tests.unit.reports import sample_reports


class Saved:
    """Writes runs to files, and compares them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def recording(self, name: str, *lines: tuple[str, int]) -> str:
        """A recording in which components are set; `pool` and `bridge` are declared."""
        startup = Startup(contract("pool"), contract("bridge"))
        for component, line in lines:
            startup.sets(component, line)
        return self.write(name, startup.recording().model_dump_json())

    def report(self, name: str, *titles: str) -> str:
        """A report of one target with a finding, or of several."""
        reports = tuple(NamedReport(name=title, report=sample_reports.failed()) for title in titles)
        run = RunReport(reports=reports, several=True) if titles else RunReport.of(sample_reports.failed())
        return self.write(name, json.dumps(run_document(run)))

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def checked(self, name: str, recording: str, *more: str) -> str:
        """The report of a recording."""
        path = str(self.folder / name)
        typer_app.run(["check", "--from", recording, "--format", "json", "-o", path, *more])
        self._capsys.readouterr()
        return path

    def compare(self, *argv: str) -> tuple[int, str, str]:
        """Exit status, stdout, stderr."""
        status = typer_app.run(["diff", *argv])
        out, err = self._capsys.readouterr()
        return status, out, err

    def compared(self, *argv: str) -> Any:
        """The only target of the comparison."""
        _, out, _ = self.compare(*argv, "--format", "json")
        (diff,) = json.loads(out)["reports"]
        return diff


@pytest.fixture
def saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Saved:
    return Saved(tmp_path, capsys)


def test_recordings_are_checked_and_compared(saved: Saved) -> None:
    before = saved.recording("a.json", ("pool", 1), ("bridge", 2), ("cache", 3))
    after = saved.recording("b.json", ("cache", 1), ("pool", 2))
    diff = saved.compared(before, after)
    assert [finding["code"] for finding in diff["new"]] == ["NC201"]
    assert [(change["address"], change["before"], change["after"]) for change in diff["order"]] == [
        ("cache", "pool", "")
    ]
    assert saved.compare(before, after)[0] == 1
    assert saved.compare(before, after, "--fail-level", "never")[0] == 0
    assert saved.compare(after, before)[0] == 0


KNOWN = """version = 1
[[findings]]
code = "NC201"
component = "bridge"
reason = "waits"
[[findings]]
code = "NC202"
component = "gone"
reason = "matches nothing"
"""


def test_baseline_applies_to_recordings(saved: Saved) -> None:
    both = saved.recording("a.json", ("pool", 1), ("bridge", 2))
    lost = saved.recording("b.json", ("pool", 1))
    known = ("--baseline", saved.write("known.toml", KNOWN))
    assert saved.compare(both, lost)[0] == 1
    status, out, _ = saved.compare(both, lost, *known)
    assert (status, "NC801" in out) == (0, False)
    assert "shop.main:app: 1 known; 1 component differs" in out
    assert "after   PASSED: no new findings; 1 known, 0 fixed, 0 new; " in out
    assert "broken (known)" in out
    saved.write("known.toml", KNOWN.rpartition("[[findings]]")[0])
    accepted = saved.checked("known.json", lost, *known)
    for first, second, fields in (
        (lost, accepted, ("known", "known_before")),
        (accepted, lost, ("known_before", "known")),
    ):
        diff = saved.compared(first, second)
        assert diff["new"] == diff["fixed"] == diff[fields[1]] == []
        assert [entry["reason"] for entry in diff[fields[0]]] == ["waits"]
        assert saved.compare(first, second)[0] == 0


def test_recordings_without_the_baseline_of_the_project_have_a_hint(
    saved: Saved, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(saved.folder)
    lost, whole = saved.recording("a.json", ("pool", 1)), saved.recording("b.json", ("pool", 1), ("bridge", 2))
    assert saved.compare(lost, whole)[2] == ""
    known = ("--baseline", saved.write("known.toml", KNOWN))
    hint = "netra-contracts: diff: recordings were checked without a baseline; `--baseline {}` applies one\n"
    assert saved.compare(lost, saved.checked("known.json", lost, *known))[2] == hint.format("FILE")
    saved.write("netra-contracts.toml", 'baseline = "known.toml"')
    assert saved.compare(lost, whole)[2] == hint.format("known.toml")
    assert saved.compare(lost, whole, *known)[2] == ""
    assert saved.compare(whole, whole)[2] == f"netra-contracts: diff: {whole} is compared with itself\n"
    assert saved.compare(saved.report("r.json"), saved.report("s.json"))[2] == ""


@pytest.mark.parametrize("command", [["diff", "a.json", "b.json"], ["graph", "--from", "a.json"]])
def test_baseline_is_not_overwritten(saved: Saved, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    monkeypatch.chdir(saved.folder)
    for name in ("a.json", "b.json"):
        saved.recording(name)
    path = saved.write("known.toml", KNOWN)
    assert typer_app.run([*command, "--baseline", "known.toml", "-o", "known.toml"]) == 2
    assert Path(path).read_text(encoding="utf-8") == KNOWN


@pytest.mark.parametrize(
    ("baseline", "message"),
    [
        ("missing.toml", "there is no baseline"),
        ("-", '"-" does not name a file'),
        ("known.toml", "this has no effect on reports"),
    ],
)
def test_baseline_that_cannot_apply_is_refused(
    saved: Saved, monkeypatch: pytest.MonkeyPatch, baseline: str, message: str
) -> None:
    monkeypatch.chdir(saved.folder)
    saved.write("known.toml", KNOWN)
    status, out, err = saved.compare(saved.report("a.json"), saved.report("b.json"), "--baseline", baseline)
    assert (status, out) == (2, "")
    assert message in err


def test_recording_is_compared_with_a_report(saved: Saved) -> None:
    status, out, err = saved.compare(saved.recording("a.json", ("pool", 1)), saved.report("b.json"))
    assert (status, err) == (1, "")
    assert "The targets differ: `shop.main:app` and `app.main:app`." in out


def test_targets_of_several_are_compared_by_name(saved: Saved) -> None:
    status, out, _ = saved.compare(saved.report("a.json", "api", "jobs"), saved.report("b.json", "jobs"))
    assert status == 0
    assert out.startswith("jobs: no differences; 1 finding unchanged\n")
    assert "1 removed target: api\n" in out


def test_runs_without_a_common_target_are_wrong_usage(saved: Saved) -> None:
    status, out, err = saved.compare(saved.recording("a.json"), saved.report("b.json", "api"))
    assert (status, out) == (2, "")
    assert err == ("netra-contracts: diff: the runs have no target in common (A has shop.main:app; B has api)\n")


def test_comparison_of_a_file_with_itself_is_mentioned(saved: Saved) -> None:
    path = saved.report("a.json")
    (saved.folder / "b.json").symlink_to(path)
    status, out, err = saved.compare(path, str(saved.folder / "b.json"))
    assert (status, err) == (0, f"netra-contracts: diff: {path} is compared with itself\n")
    assert "no differences" in out


def test_page_is_compared_with_a_report(saved: Saved) -> None:
    page = RENDERERS["html"](RunReport.of(sample_reports.failed()), RenderOptions())
    status, out, _ = saved.compare(saved.write("a.html", page), saved.report("b.json"))
    assert status == 0
    assert out.startswith("app.main:app: no differences; 1 finding unchanged\n")


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_comparison_is_written_in_each_format(saved: Saved, form: str) -> None:
    begins = {"table": "app.main:app: ", "json": "{", "markdown": "<h3>"}
    status, out, err = saved.compare(saved.report("a.json"), saved.report("b.json"), "--format", form)
    assert (status, err) == (0, "")
    assert out.startswith(begins[form])


def test_all_problems_are_reported_at_once(saved: Saved) -> None:
    text = saved.write("text.json", "{")
    newer = saved.write("newer.json", json.dumps({"schema_version": 99, "verdict": "passed"}))
    status, out, err = saved.compare(text, newer, "--fail-level", "eror", "-o", str(saved.folder))
    assert (status, out) == (2, "")
    assert [line.split(": ")[1] for line in err.splitlines()] == ["--fail-level", "--output", "A", "B"]
    assert "neither a recording nor a report" in err
    assert "has version 99 of the schema" in err


def test_comparison_can_be_written_to_a_file(saved: Saved) -> None:
    path = saved.report("a.json")
    output = saved.folder / "diff.txt"
    assert saved.compare(path, saved.report("b.json"), "-o", str(output)) == (0, "", "")
    assert output.read_text(encoding="utf-8").startswith("app.main:app: no differences")


@pytest.mark.parametrize("written", ["a.json", "b.json"])
def test_output_must_not_replace_a_compared_file(saved: Saved, written: str) -> None:
    paths = saved.report("a.json"), saved.report("b.json")
    output = saved.folder / written
    before = output.read_bytes()
    status, out, err = saved.compare(*paths, "-o", str(output))
    assert (status, out, output.read_bytes()) == (2, "", before)
    assert f"{written} would be overwritten: it is {written[0].upper()}" in err
