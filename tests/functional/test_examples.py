"""The examples do what the documentation says of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from netra_contracts import check

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


def test_example_keeps_its_contracts() -> None:
    report = check(cwd=EXAMPLES / "fastapi_chat")
    assert (report.exit_code, report.findings) == (0, ())
    assert report.summary.held == report.summary.contracts == 3


def test_broken_twin_breaks_one_contract_and_names_the_line() -> None:
    folder = EXAMPLES / "fastapi_chat_broken"
    report = check(cwd=folder)
    (finding,) = report.findings
    assert (report.exit_code, finding.code, finding.component) == (1, "NC303", "execution_engine_factory")
    assert finding.location is not None
    lines = (folder / "main.py").read_text(encoding="utf-8").splitlines()
    assert "ExecutionEngineFactory(getattr(" in lines[finding.location.line - 1]


def test_each_example_has_its_command() -> None:
    folders = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())
    commands = re.findall(r"`make example-(\w+)`", (EXAMPLES / "README.md").read_text(encoding="utf-8"))
    done = [
        subprocess.run(
            ["make", "--dry-run", f"example-{name}"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
        ).stdout
        for name in commands
    ]
    assert commands == folders
    assert all(f"cd examples/{name} && " in said for name, said in zip(commands, done, strict=True))


@pytest.mark.slow
def test_readme_of_the_migration_has_the_reports_that_the_command_writes() -> None:
    folder = EXAMPLES / "adr_001"
    text = (folder / "README.md").read_text(encoding="utf-8")
    documented = re.findall(r"```console\n\$ netra-contracts check (\S+) -q\n```\n\n```text\n(.*?)```", text, re.DOTALL)
    assert [name for name, _ in documented] == ["singleton", "half-migration", "factory"]
    for name, report in documented:
        assert without_measurements(_table(folder, name, "-q")) == without_measurements(report) != []


def test_twins_differ_in_the_startup_alone() -> None:
    whole, broken = EXAMPLES / "fastapi_chat", EXAMPLES / "fastapi_chat_broken"
    assert (whole / "chat.py").read_bytes() == (broken / "chat.py").read_bytes()
    rest = [(folder / "main.py").read_text(encoding="utf-8").partition("    yield\n")[2] for folder in (whole, broken)]
    assert rest[0] == rest[1] != ""


def test_recording_of_the_picture_has_the_report_that_the_command_writes() -> None:
    written = _table(EXAMPLES / "fastapi_chat_broken", "--no-source")
    recorded = _table(ROOT / "docs" / "assets", "--from", "recording.json")
    expected = written.replace("3 contracts from pyproject.toml", "3 contracts from recording.json")
    assert without_measurements(recorded) == without_measurements(expected) != []


def _table(folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    return subprocess.run(
        [sys.executable, "-m", "netra_contracts", "check", *arguments],
        cwd=folder,
        env={**environment, "NO_COLOR": "1", "PYTHONUTF8": "1", "COLUMNS": "200"},  # no name is truncated
        capture_output=True,
        encoding="utf-8",
        check=False,
    ).stdout


def without_measurements(report: str) -> list[str]:
    """The words of a report: times, the bars that draw them, and versions differ from machine to machine.

    Where lines end depends on the length of times, and so do bars at their beginnings and semicolons at their ends.

    So do the times that the first lines name only where they are long, or where a stage has waited.
    """
    report = re.sub(r", (?:settle|outside of stages) <?[\d.,]+\s+m?s\b", "", " ".join(report.split()))
    text = re.sub(r"FastAPI [\d.]+|Python [\d.]+", "VERSION", report)
    text = re.sub(r"[+<]?\d[\d.,]*\s+m?s\b", "TIME", text)
    text = re.sub(r" \(TIME busy\)|, TIME busy\b", "", text)
    return re.sub("[─━╸╺◆◇│;]+", "", text).split()
