"""docs/adopting.md is run from its first to its last command, in a project made from its first block."""

from __future__ import annotations

import os
import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest

from tests.functional.gates.hook_projects import ROOT, Project, environment_with_the_tool, this_repository

DOCUMENT = (ROOT / "docs" / "adopting.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
PYPROJECT = '[project]\nname = "shop"\nversion = "1.0"\ndependencies = ["fastapi"]\n'


class Reader:
    """Somebody who follows the document: writes what it says into files, and runs its commands.

    Attributes:
        project: the project of the reader.
        source: where this version has the hooks that the document installs from elsewhere.
        output: what the last command printed.
    """

    def __init__(self, project: Project, source: Path) -> None:
        self.project = project
        self.source = source
        self.output = ""

    def follow(self, language: str, text: str) -> None:
        """Do what a block of the document says."""
        if language == "console":
            for line in text.splitlines():
                self.run(line)
        elif language == "text":
            assert text in self.output, f"the document shows:\n{text}\nthe output is:\n{self.output}"
        elif language == "toml":
            self.configure(text)
        elif language == "python":
            self.write_python(text)
        elif "repos:" in text:
            self.project.use_hooks(self.source, {"id": "netra-contracts-isolated"})
        else:
            assert "jobs:" in text, "the workflow is tested with the other recipes"

    def run(self, line: str) -> None:
        command, _, expected = line.removeprefix("$ ").partition(" # exit status ")
        words = shlex.split(command)
        if words[0] == "pipx":
            return
        if words[0] == "pre-commit":
            words = [sys.executable, "-m", "pre_commit", *words[1:]]
        ended = self.project.run(*words)
        assert ended.status == int(expected or 0), f"{command}\n{ended.output}"
        self.output = ended.output

    def configure(self, text: str) -> None:
        """Replace the tables that a block has, in the file that has such tables."""
        name = "pyproject.toml" if "tool" in tomllib.loads(text) else "netra-baseline.toml"
        path = self.project.folder / name
        heading = text.partition("\n")[0]
        before, found, rest = path.read_text(encoding="utf-8").partition(f"{heading}\n")
        assert found, f"{name} has no {heading}"
        after = "".join(re.findall(r"^\[.*", rest, re.MULTILINE | re.DOTALL)[:1])
        text = text.replace("2027-12-31", "2099-12-31")  # the test does not expire
        path.write_text(f"{before}{text}\n{after}", encoding="utf-8")

    def write_python(self, text: str) -> None:
        """Write a file, or a line: in place of the one that sets the same attribute, else before the task starts."""
        path = self.project.folder / "app" / "main.py"
        if text.startswith("# app/main.py"):
            self.project.write("app/main.py", text)
            return
        source = path.read_text(encoding="utf-8")
        attribute = text.partition(" = ")[0]
        changed, count = re.subn(rf"^    {re.escape(attribute)} = .*\n", f"    {text}", source, flags=re.MULTILINE)
        if count == 0:
            changed = source.replace("    asyncio.create_task", f"    {text}    asyncio.create_task")
        assert changed != source
        path.write_text(changed, encoding="utf-8")


@pytest.mark.slow
def test_every_command_of_the_document_has_the_documented_effect(tmp_path: Path) -> None:
    environ = {"PRE_COMMIT_HOME": str(tmp_path / "cache"), "PRE_COMMIT_COLOR": "never", "COLUMNS": "80"}
    source = this_repository(tmp_path / "netra-contracts", environ)
    tool = environment_with_the_tool(tmp_path / "tool")
    (tool / "pipx_metadata.json").touch()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "netra-contracts").symlink_to(tool / "bin" / "netra-contracts")
    project = Project(tmp_path / "shop", {**environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"})
    for name in ("main.py", "pyproject.toml"):
        (project.folder / name).unlink()
    project.write("pyproject.toml", PYPROJECT)
    environment_with_the_tool(project.folder / ".venv")
    reader = Reader(project, source)
    for language, text in BLOCKS:
        reader.follow(language, text)
    assert project.commits == ["Set the popular keys before they are read", "Check the startup"]
