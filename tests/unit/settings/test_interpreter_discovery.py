"""Which interpreter runs the target, and why."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from netra_contracts.errors import Problem, UsageError
from netra_contracts.settings.interpreter_discovery import find_python


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


class TestFindPython:
    def interpreter(self, environment: Path) -> str:
        path = write(environment / "bin" / "python", "#!/bin/sh\n")
        path.chmod(0o755)
        return str(path)

    def test_given_interpreter_or_environment_is_used(self, tmp_path: Path) -> None:
        python = self.interpreter(tmp_path / "env")
        for asked in (python, "env/bin/python", "env"):
            assert find_python(asked, {}, str(tmp_path), "/own") == (python, f"interpreter {python}, as given")

    def test_given_name_is_searched_on_the_path(self, tmp_path: Path) -> None:
        python = self.interpreter(tmp_path / "env")
        environ = {"PATH": str(tmp_path / "env" / "bin"), "VIRTUAL_ENV": "/nowhere"}
        assert find_python("python", environ, str(tmp_path), "/own")[0] == python

    @pytest.mark.parametrize(
        ("asked", "message"),
        [
            ("nowhere/python", "there is no interpreter nowhere/python"),
            ("pythn", "there is no interpreter pythn"),
            ("text", "text cannot be executed"),
            ("folder", "folder is a folder without bin/python"),
        ],
    )
    def test_given_interpreter_that_cannot_run_is_reported(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, message: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        write(tmp_path / "text").chmod(0o644)
        (tmp_path / "folder").mkdir()
        with pytest.raises(UsageError) as caught:
            find_python(asked, {"PATH": "/nowhere"}, str(tmp_path), "/own")
        hint = "name an interpreter, e.g. .venv/bin/python, or the folder of a virtual environment"
        assert caught.value.problems == (Problem(message, "--python", hint),)

    def test_active_environment_takes_precedence_over_the_nearest(self, tmp_path: Path) -> None:
        self.interpreter(tmp_path / ".venv")
        python = self.interpreter(tmp_path / "active")
        found = find_python(None, {"VIRTUAL_ENV": str(tmp_path / "active")}, str(tmp_path), "/own")
        assert found == (python, f"interpreter {python}, of the active virtual environment")

    def test_active_environment_of_the_tool_is_not_used(self, tmp_path: Path) -> None:
        python = self.interpreter(tmp_path / ".venv")
        self.interpreter(tmp_path / "hook")
        (tmp_path / "link").symlink_to(tmp_path / "hook")
        environ = {"VIRTUAL_ENV": str(tmp_path / "link")}
        found = find_python(None, environ, str(tmp_path), str(tmp_path / "hook"))
        assert found == (python, f"interpreter {python}, of the nearest .venv")

    def test_nearest_environment_in_a_parent_folder_is_used(self, tmp_path: Path) -> None:
        python = self.interpreter(tmp_path / ".venv")
        (tmp_path / "src" / ".venv").mkdir(parents=True)  # without an interpreter
        assert find_python(None, {}, str(tmp_path / "src"), "/own")[0] == python

    def test_without_an_environment_the_interpreter_of_the_tool_is_used(self, tmp_path: Path) -> None:
        how = f"interpreter {sys.executable}, which runs netra-contracts: no virtual environment was found"
        assert find_python(None, {"VIRTUAL_ENV": "/nowhere"}, str(tmp_path), "/own") == (sys.executable, how)
