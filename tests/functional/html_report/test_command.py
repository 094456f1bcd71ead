"""The commands that the documentation of the HTML report shows."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "html-report.md"
COMMANDS = re.findall(r"^\$ netra-contracts ([^#\n]+)", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example with a finding."""
    folder = tmp_path_factory.mktemp("example") / "app"
    shutil.copytree(ROOT / "examples" / "fastapi_chat_broken", folder)
    return folder


def run(folder: Path, command: str) -> tuple[int, str]:
    """The exit status and stdout of a command."""
    done = subprocess.run(
        [sys.executable, "-m", "netra_contracts", *shlex.split(command)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_commands_of_the_document_work(example: Path) -> None:
    first, *others = COMMANDS
    assert len(others) == 3
    status, table = run(example, first)
    assert (status, "NC303" in table) == (1, True)
    page = (example / "report.html").read_text(encoding="utf-8")
    assert re.findall(r'id="(f-[0-9a-f]{16})"', page) == re.findall(
        r"report\.html#(f-[0-9a-f]{16})", DOCUMENT.read_text(encoding="utf-8")
    )
    for name in ("main.html", "branch.html"):
        shutil.copy(example / "report.html", example / name)
    statuses = {}
    for command in others:
        statuses[command.strip()], out = run(example, command)
        assert "execution_engine_factory" in out or "diff" in command
    assert statuses == {
        "check --from report.html": 1,
        "check --from report.html --format junit": 1,
        "diff main.html branch.html": 0,
    }
