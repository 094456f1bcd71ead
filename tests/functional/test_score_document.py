"""The worked example of the document about the score: its commands write what the document shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.functional.harness import Runner
from tests.functional.test_documents import ROOT, blocks

DOCUMENT = ROOT / "docs" / "score.md"


def words(text: str) -> list[str]:
    """The words of an output, whatever its width."""
    return text.split()


@pytest.mark.slow
def test_commands_of_the_document_write_what_it_shows(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (application,) = blocks(DOCUMENT, "python")
    (tmp_path / "shop" / "main.py").write_text(application, encoding="utf-8")
    names, loose, strict = blocks(DOCUMENT, "toml")
    config = tmp_path / "netra-contracts.toml"
    shown = iter(blocks(DOCUMENT, "text"))
    config.write_text(names, encoding="utf-8")

    def assert_score_is_shown(*arguments: str) -> None:
        outcome = run.command("score", *arguments, cwd=tmp_path)
        assert (outcome.exit_code, words(outcome.stdout)) == (0, words(next(shown)))

    assert_score_is_shown()
    (diff,) = blocks(DOCUMENT, "diff")
    assert run.command("init", "--strengthen", "--diff", cwd=tmp_path).stdout == diff
    assert config.read_text(encoding="utf-8") == names
    assert run.command("init", "--strengthen", cwd=tmp_path).exit_code == 0
    assert_score_is_shown()
    strengthened = config.read_text(encoding="utf-8")
    config.write_text(f"{strengthened}\n{loose}", encoding="utf-8")
    assert_score_is_shown()
    config.write_text(f"{strengthened}\n{strict}", encoding="utf-8")
    assert_score_is_shown("--min-score", "90")
    assert next(shown, None) is None


def test_every_command_of_the_document_is_tested() -> None:
    commands = [line for block in blocks(DOCUMENT, "console") for line in block.splitlines()]
    assert commands == [
        "$ netra-contracts score",
        "$ netra-contracts init --strengthen --diff",
        "$ netra-contracts init --strengthen",
        *["$ netra-contracts score"] * 2,
        "$ netra-contracts score --min-score 90",
    ]
    assert re.findall(r"^SCORE (\S+)", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)[-1] == "100"
