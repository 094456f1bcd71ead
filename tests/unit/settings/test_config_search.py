"""Every configuration file below a folder is found, and what belongs to others is not searched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netra_contracts.errors import UsageError
from netra_contracts.settings import config_search
from netra_contracts.settings.config_search import find_configs
from netra_contracts.settings.target_runs import runs_below

OURS = '[tool.netra-contracts]\ntarget = "main:app"\n'


def write(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def found(folder: Path, files: dict[str, str]) -> dict[str, bool]:
    """Whether each configuration file can be read, by the path of its folder."""
    return {each.name: each.config is not None for each in find_configs(write(folder, files))}


def test_files_are_found_in_the_order_of_their_paths(tmp_path: Path) -> None:
    files = {
        "b/pyproject.toml": OURS,
        "a/netra-contracts.toml": "",
        "a/z/x/pyproject.toml": OURS,
        "pyproject.toml": OURS,
    }
    assert list(found(tmp_path, files)) == [".", "a", "a/z/x", "b"]


def test_netra_contracts_toml_takes_precedence_over_pyproject(tmp_path: Path) -> None:
    write(tmp_path, {"netra-contracts.toml": 'target = "own:app"', "pyproject.toml": OURS})
    (only,) = find_configs(str(tmp_path))
    assert only.config is not None
    assert only.config.table == {"target": "own:app"}


@pytest.mark.parametrize(
    "folder", [".git", ".venv", "node_modules", "lib/site-packages", "__pycache__", "env", "conda"]
)
def test_code_of_others_is_not_searched(tmp_path: Path, folder: str) -> None:
    files = {f"{folder}/netra-contracts.toml": "", f"{folder}/inner/netra-contracts.toml": ""}
    marks = {"env/pyvenv.cfg": "", "conda/conda-meta/history": ""}
    assert found(tmp_path, {**files, **marks, "app/pyproject.toml": OURS}) == {"app": True}


def test_folder_argument_is_searched_whatever_its_name(tmp_path: Path) -> None:
    assert found(tmp_path / ".hidden", {"pyvenv.cfg": "", "netra-contracts.toml": ""}) == {".": True}


def test_links_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"app/netra-contracts.toml": ""})
    (tmp_path / "app" / "loop").symlink_to(tmp_path)
    (tmp_path / "other").symlink_to(tmp_path / "app")
    assert [each.name for each in find_configs(str(tmp_path))] == ["app"]


def test_projects_without_our_table_are_passed_over_even_if_they_are_malformed(tmp_path: Path) -> None:
    files = {
        "a/pyproject.toml": "[project]",
        "b/pyproject.toml": "[project",
        "c/pyproject.toml": "[tool.netra-contracts",
    }
    assert found(tmp_path, files) == {"c": False}


def test_misspelt_table_is_reported(tmp_path: Path) -> None:
    assert found(tmp_path, {"a/pyproject.toml": "[tool.nerta-contracts]", "b/pyproject.toml": OURS}) == {
        "a": False,
        "b": True,
    }


def test_folder_that_cannot_be_read_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a/netra-contracts.toml": "", "b/netra-contracts.toml": ""})
    scan = os.scandir

    def denied(path: str) -> object:
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", denied)
    unreadable, readable = find_configs(str(tmp_path))
    assert [problem.message for problem in unreadable.problems] == ["this folder cannot be read: Permission denied"]
    assert readable.config is not None


def test_search_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_search, "MAX_FOLDERS", 3)
    with pytest.raises(UsageError, match="more than 3 folders"):
        list(find_configs(write(tmp_path, {f"{number}/x": "" for number in range(4)})))


def test_folder_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        list(find_configs(str(tmp_path / "no")))


def test_names_of_targets_are_made_from_paths_and_are_unique(tmp_path: Path) -> None:
    two = '[[targets]]\nname = "api"\ntarget = "main:app"\n[[targets]]\ntarget = "x:app"\n'
    folder = write(
        tmp_path, {"netra-contracts.toml": two, "api/netra-contracts.toml": "", "a/b/netra-contracts.toml": two}
    )
    runs = runs_below(folder, [])
    assert [(run.name, os.path.relpath(run.folder, folder)) for run in runs] == [
        (".:api", "."),
        (".:x:app", "."),
        ("a/b:api", "a/b"),
        ("a/b:x:app", "a/b"),
        ("api", "api"),
    ]


def test_problem_of_a_file_affects_this_file_only(tmp_path: Path) -> None:
    files = {"a/netra-contracts.toml": "settle = -1\nselect = ['NC999']", "b/netra-contracts.toml": 'target = "x:y"'}
    wrong, right = runs_below(write(tmp_path, files), ["NC101"])
    assert [problem.message for problem in wrong.problems] == ["settle must be at least 0, not -1"]
    assert (right.name, right.problems) == ("b", ())
    files = {"a/netra-contracts.toml": "select = ['NC999']"}
    wrong, right = runs_below(write(tmp_path, files), ["NC101"])
    assert [problem.message for problem in wrong.problems] == ['no check has a code that starts with "NC999"']
