"""`diff` of real runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.functional.harness import Outcome, Runner
from tests.functional.test_examples import EXAMPLES, ROOT, without_measurements


def compared(run: Runner, tmp_path: Path, *more: str) -> Outcome:
    """The comparison of the example with its broken twin, in the folder of that."""
    for name, saved in (
        ("fastapi_chat", ("--record", "../a.json")),
        ("fastapi_chat_broken", ("--report", "json=../b.json")),
    ):
        folder = tmp_path / name
        shutil.copytree(EXAMPLES / name, folder)
        run.command("check", "-q", *saved, cwd=folder)
    return run.command("diff", "../a.json", "../b.json", *more, cwd=tmp_path / "fastapi_chat_broken")


@pytest.mark.slow
def test_documented_example_matches_the_output_of_the_command(run: Runner, tmp_path: Path) -> None:
    outcome = compared(run, tmp_path)
    assert outcome.exit_code == 1
    (shown,) = re.findall(
        r"^```text\n(.*?)^```$", (ROOT / "docs" / "diff.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    printed, documented = (
        text.partition("\N{BOX DRAWINGS LIGHT HORIZONTAL} Time")[0] for text in (outcome.stdout, shown)
    )
    assert without_measurements(printed) == without_measurements(documented) != []
    stages = re.findall(r"^  (\w+) +[<\d.,]+ m?s +", outcome.stdout.partition("Time")[2], re.MULTILINE)
    assert stages == ["import", "build", "startup", "settle", "shutdown"]
