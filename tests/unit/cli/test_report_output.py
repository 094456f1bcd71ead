"""`check --report`: the report is written in several formats, from one run."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from netra_contracts.cli.typer_app import run
from netra_contracts.reports import format_of
from tests.unit.checks.evidence import Startup, contract

ENTRY_POINTS = """\
[netra_contracts.reports]
words = words_plugin:render
raises = words_plugin:raises
number = words_plugin:number
ends = words_plugin:ends
unreadable = words_plugin:unreadable
changes = words_plugin:changes
"""
PLUGIN = """\
def render(report, options):
    return f"{report.verdict.value}: {len(report.findings)}\\n"


def raises(report, options):
    raise RuntimeError("no licence")


def number(report, options):
    return len(report.findings)


def ends(report, options):
    raise SystemExit(0)


def unreadable(report, options):
    class Unreadable(Exception):
        def __str__(self):
            raise RuntimeError

    raise Unreadable


def changes(report, options):
    print("from the plugin")
    object.__setattr__(report, "findings", ())
    object.__setattr__(report, "exit_code", 0)
    return "changed\\n"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with a recording of a startup that does not set `pool`, and outside of CI services."""
    monkeypatch.chdir(tmp_path)
    for variable in ("GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "TEAMCITY_VERSION", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(variable, raising=False)
    recording = Startup(contract("pool")).recording()
    (tmp_path / "recording.json").write_text(recording.model_dump_json(), encoding="utf-8")
    return tmp_path


@pytest.fixture
def plugins(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installed distribution with renderers."""
    install(tmp_path_factory, monkeypatch, "words_plugin", PLUGIN, ENTRY_POINTS)
    yield
    sys.modules.pop("words_plugin", None)


def install(
    folders: pytest.TempPathFactory, patch: pytest.MonkeyPatch, module: str, source: str, entry_points: str
) -> None:
    """Make a distribution with one module importable, as an installed one is."""
    site = folders.mktemp("site")
    info = site / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(entry_points, encoding="utf-8")
    (site / f"{module}.py").write_text(source, encoding="utf-8")
    patch.syspath_prepend(site)


def check(*more: str) -> int:
    return run(["check", "--from", "recording.json", *more])


def test_each_report_is_written_to_its_file_and_stdout_has_its_own(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("--report", "json=report.json", "--report=concise=a=b.txt", "--format", "github") == 1
    assert json.loads((folder / "report.json").read_text())["findings"][0]["code"] == "NC201"
    assert "NC201" in (folder / "a=b.txt").read_text()
    assert capsys.readouterr().out.startswith("::error ")


def test_all_problems_of_report_files_are_reported_before_the_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["jsn=a.json", "json=a.txt", "concise=./a.txt", "json", "json=missing/a.json"]
    assert check(*(word for report in words for word in ("--report", report)), "-o", "a.txt") == 2
    assert capsys.readouterr().err.splitlines() == [
        'netra-contracts: --report: "json" is not a format and a file (write FORMAT=FILE, e.g. json=report.json)'
    ]
    words.remove("json")
    assert check(*(word for report in words for word in ("--report", report)), "-o", "a.txt") == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == 'netra-contracts: --report: there is no format "jsn" (did you mean "json"?)'
    assert "./a.txt would be written twice: --report also names it" in lines[1]
    assert "missing/a.json cannot be written" in lines[2]
    assert "--output: a.txt would be written twice: --report also names it" in lines[3]
    assert [path.name for path in folder.iterdir()] == ["recording.json"]


@pytest.mark.parametrize("more", [("-o", "recording.json"), ("--report", "json=./recording.json")])
def test_report_does_not_replace_the_recording_that_is_read(
    folder: Path, more: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "recording.json").read_bytes()
    assert check(*more) == 2
    assert "recording.json would be overwritten: it is read by --from" in capsys.readouterr().err
    assert (folder / "recording.json").read_bytes() == before


@pytest.mark.parametrize("more", [(), ("--all",)])
def test_report_does_not_replace_the_configuration(
    folder: Path, more: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "netra-contracts.toml").write_text('target = "main:app"\n')
    assert run(["check", *more, "--report", "json=netra-contracts.toml"]) == 2
    assert "netra-contracts.toml would be overwritten: it is the configuration file" in capsys.readouterr().err
    assert (folder / "netra-contracts.toml").read_text() == 'target = "main:app"\n'


def test_device_may_be_named_twice() -> None:
    assert check("--report", "json=/dev/null", "--report", "concise=/dev/null", "-q") == 1


@pytest.mark.usefixtures("plugins")
def test_renderer_of_a_plugin_works_by_name(folder: Path) -> None:
    assert check("--report", "words=words.txt", "-q") == 1
    assert (folder / "words.txt").read_text() == "failed: 1\n"


@pytest.mark.usefixtures("plugins")
@pytest.mark.parametrize(
    ("name", "message"),
    [("raises", "RuntimeError: no licence"), ("number", "TypeError: it returned int, not a string")],
)
def test_renderer_that_fails_is_exit_3_and_the_other_formats_are_written(
    folder: Path, name: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "words.txt").write_text("of the run before")
    assert check("--report", f"{name}=words.txt", "--report", "json=report.json", "--format", "concise") == 3
    written = capsys.readouterr()
    assert f"netra-contracts: the format {name} failed: {message}\n" in written.err
    assert "NC201" in written.out
    assert json.loads((folder / "report.json").read_text())["exit_code"] == 1
    assert (folder / "words.txt").read_text() == "of the run before"


def test_ci_is_the_format_of_the_service_and_concise_elsewhere() -> None:
    assert format_of("ci", {"GITHUB_ACTIONS": "true"}) == "github"
    assert format_of("ci", {"GITHUB_ACTIONS": ""}) == "concise"
    assert format_of("json", {"GITHUB_ACTIONS": "true"}) == "json"


def test_ci_is_chosen_by_the_environment_of_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(os.environ, "GITHUB_ACTIONS", "true")
    assert check("--format", "ci") == 1
    assert capsys.readouterr().out.startswith("::error ")


def test_format_of_the_documentation_works_by_name(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[3] / "docs" / "formats.md").read_text(encoding="utf-8")
    section = page.partition("## Custom formats")[2]
    blocks = dict(re.findall(r"^```(python|toml)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))
    (name, reference), *_ = tomllib.loads(blocks["toml"])["project"]["entry-points"]["netra_contracts.reports"].items()
    module = reference.partition(":")[0]
    install(
        tmp_path_factory, monkeypatch, module, blocks["python"], f"[netra_contracts.reports]\n{name} = {reference}\n"
    )
    assert check("--report", f"{name}=message.txt", "-q") == 1
    assert (folder / "message.txt").read_text() == "shop.main:app failed: nothing is lost\n"
    sys.modules.pop(module, None)


def test_ci_on_gitlab_is_lines_on_stdout_and_code_quality_in_a_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(os.environ, "GITLAB_CI", "true")
    assert check("--format", "ci", "--report", "ci=gl-code-quality-report.json") == 1
    assert json.loads((folder / "gl-code-quality-report.json").read_text())[0]["check_name"] == "NC201"
    assert "NC201 `pool`" in capsys.readouterr().out


def test_documentation_of_the_checks_is_in_reports_that_carry_it(folder: Path) -> None:
    assert check("--report", "sarif=startup.sarif", "-q") == 1
    (rule,) = json.loads((folder / "startup.sarif").read_text())["runs"][0]["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"]) == ("NC201", "component-missing")


@pytest.mark.usefixtures("plugins")
@pytest.mark.parametrize(
    ("form", "reason"),
    [("ends", "it raised SystemExit: 0"), ("unreadable", "Unreadable: its message cannot be read: RuntimeError")],
)
def test_plugin_that_ends_the_process_fails_its_format_alone(
    folder: Path, capsys: pytest.CaptureFixture[str], form: str, reason: str
) -> None:
    assert check("--report", f"{form}=text.txt", "--report", "json=report.json", "--format", "concise") == 3
    shown = capsys.readouterr()
    assert f"netra-contracts: the format {form} failed: {reason}\n" in shown.err
    assert "NC201" in shown.out
    assert sorted(path.name for path in folder.iterdir()) == ["recording.json", "report.json"]


@pytest.mark.usefixtures("plugins")
def test_plugin_that_changes_the_report_affects_neither_the_status_nor_built_in_formats(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("--report", "changes=text.txt", "--report", "json=report.json", "--format", "concise") == 1
    assert json.loads((folder / "report.json").read_text())["summary"]["errors"] == 1
    assert (folder / "text.txt").read_text() == "changed\n"
    shown = capsys.readouterr()
    assert ("from the plugin" in shown.out, "from the plugin" in shown.err) == (False, True)
    assert "NC201" in shown.out


def test_number_of_jobs_without_all_targets_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--jobs", "2") == 2
    assert capsys.readouterr().err == (
        "netra-contracts: --jobs: this has no effect on one target (add --all, or leave out --jobs)\n"
    )
