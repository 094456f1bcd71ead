"""The configuration file is found and read; invalid files are reported with their positions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from netra_contracts.errors import Problem, UsageError, display_path
from netra_contracts.settings import bootstrap_config


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def found(folder: Path) -> bootstrap_config.ConfigFile:
    config = bootstrap_config.find_config(str(folder))
    assert config is not None
    return config


class TestFindConfig:
    def test_uses_the_tool_table_of_pyproject(self, tmp_path: Path) -> None:
        path = write(tmp_path / "pyproject.toml", '[tool.netra-contracts]\ntarget = "a:b"\n')
        config = found(tmp_path)
        assert (config.path, config.folder) == (str(path), str(tmp_path))
        assert (config.prefix, config.table) == ("tool.netra-contracts", {"target": "a:b"})

    def test_prefers_netra_contracts_toml(self, tmp_path: Path) -> None:
        write(tmp_path / "pyproject.toml", '[tool.netra-contracts]\ntarget = "a:b"\n')
        write(tmp_path / "netra-contracts.toml", 'target = "c:d"\n')
        config = found(tmp_path)
        assert (config.prefix, config.table) == ("", {"target": "c:d"})

    def test_searches_parents_past_a_pyproject_without_the_table(self, tmp_path: Path) -> None:
        write(tmp_path / "netra-contracts.toml", "settle = 1\n")
        write(tmp_path / "service" / "pyproject.toml", '[project]\nname = "service"\n')
        assert found(tmp_path / "service").folder == str(tmp_path)

    @pytest.mark.parametrize("folder", [True, False])
    def test_does_not_search_above_the_root_of_the_repository(self, tmp_path: Path, *, folder: bool) -> None:
        write(tmp_path / "netra-contracts.toml", "")
        inner = tmp_path / "repository" / "src"
        inner.mkdir(parents=True)
        git = inner.parent / ".git"
        git.mkdir() if folder else git.touch()  # a worktree has a file there
        assert bootstrap_config.find_config(str(inner)) is None

    def test_uses_the_file_in_the_root_of_the_repository(self, tmp_path: Path) -> None:
        write(tmp_path / "netra-contracts.toml", "")
        (tmp_path / ".git").mkdir()
        (tmp_path / "src").mkdir()
        assert found(tmp_path / "src").folder == str(tmp_path)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            (
                "a = 1\nb = [1,\n",
                Problem("this is not valid TOML: Invalid value", "netra-contracts.toml:2:8"),
            ),
            (
                "a = 1\n  b 2\n",
                Problem(
                    "this is not valid TOML: Expected '=' after a key in a key/value pair",
                    "netra-contracts.toml:2:5",
                ),
            ),
            ("a = " + "[" * 5000, Problem("this TOML file is nested too deeply", "netra-contracts.toml")),
            (
                "a = " + "9" * 5000,
                Problem("this TOML file contains a number that is too large", "netra-contracts.toml"),
            ),
        ],
    )
    def test_invalid_toml_is_reported_with_line_and_column(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, problem: Problem
    ) -> None:
        monkeypatch.chdir(tmp_path)
        write(tmp_path / "netra-contracts.toml", text)
        with pytest.raises(UsageError) as caught:
            bootstrap_config.find_config(".")
        assert caught.value.problems == (problem,)

    def test_text_has_unchanged_line_ends(self, tmp_path: Path) -> None:
        (tmp_path / "netra-contracts.toml").write_bytes(b"settle = 1\r\n")
        assert bootstrap_config.read_config(str(tmp_path / "netra-contracts.toml")).text == "settle = 1\r\n"

    def test_column_does_not_count_line_ends(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "netra-contracts.toml").write_bytes(b"a = [1,\r\n2\r\n")
        with pytest.raises(UsageError) as caught:
            bootstrap_config.find_config(".")
        (problem,) = caught.value.problems
        assert problem.place == "netra-contracts.toml:2:2"

    def test_file_that_is_not_utf8_is_reported_with_the_byte(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "netra-contracts.toml").write_bytes(b'x = "caf\xe9"\n')
        with pytest.raises(UsageError) as caught:
            bootstrap_config.find_config(".")
        assert caught.value.problems == (
            Problem(
                "this file is not UTF-8, as TOML must be: byte 9 is 0xe9", "netra-contracts.toml", "save it as UTF-8"
            ),
        )

    def test_tool_entry_that_is_not_a_table_is_reported(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        write(tmp_path / "pyproject.toml", "tool.netra-contracts = 3\n")
        with pytest.raises(UsageError, match=r"tool.netra-contracts: this must be a table"):
            bootstrap_config.find_config(".")

    def test_keys_with_and_without_the_prefix_in_one_file_are_reported(self, tmp_path: Path) -> None:
        text = 'target = "main:app"\n[tool.netra-contracts.components.pool]\n'
        with pytest.raises(UsageError, match="`target` would be ignored"):
            bootstrap_config.read_config(str(write(tmp_path / "netra-contracts.toml", text)))
        whole = bootstrap_config.read_config(str(write(tmp_path / "pyproject.toml", text)))
        assert whole.table == {"components": {"pool": {}}}

    def test_missing_file_is_reported_with_its_path(self, tmp_path: Path) -> None:
        path = str(tmp_path / "nowhere.toml")
        with pytest.raises(UsageError) as caught:
            bootstrap_config.read_config(path)
        assert caught.value.problems == (Problem("this file cannot be read: No such file or directory", path),)


def test_modules_before_the_launch_import_neither_pydantic_nor_pathlib() -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        "import netra_contracts.settings.target_discovery, netra_contracts.settings.launch_settings\n"
        "loaded = set(sys.modules) - before\n"
        "assert not loaded & {'pydantic', 'pathlib', 'tomllib', 'rich', 'typer', 'inspect', 'subprocess'}, loaded\n"
    )
    subprocess.run(
        [sys.executable, "-S", "-c", code],
        check=True,
        env={"PYTHONPATH": str(Path(bootstrap_config.__file__).parents[2])},
    )


def test_display_path_is_relative_to_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert display_path(str(tmp_path / "a" / "b.toml")) == "a/b.toml"
    assert display_path("/elsewhere/b.toml") == "/elsewhere/b.toml"


@pytest.mark.parametrize(
    "header",
    ["tool.netra-contract", "tool.netra_contracts", "tool.netra-contarcts", "tool.Netra-Contracts", "netra-contracts"],
)
def test_misspelt_table_of_pyproject_is_refused(header: str, tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(f'[project]\nname = "x"\n[{header}]\ntarget = "main:app"\n', encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        bootstrap_config.read_config(str(file))
    (problem,) = caught.value.problems
    assert problem.message == f"the table [{header}] is not read"
    assert problem.place == f"{file}:3: {header}"
    assert problem.hint == "write [tool.netra-contracts]"


@pytest.mark.parametrize("header", ["tool.netra", "tool.import-linter", "tool.netra-contracts-plugin", "tool.nox"])
def test_table_of_another_tool_is_accepted(header: str, tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(f"[{header}]\nx = 1\n", encoding="utf-8")
    assert bootstrap_config.read_config(str(file)).prefix == ""
