"""A check begins after changes of code and configuration, and not after what the application or the check writes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netra_contracts.cli.watch.files import Contents, WatchedFiles, of_project
from netra_contracts.settings.options import Options


def in_folder(folder: Path, **files: list[str]) -> WatchedFiles:
    """What is watched of a project in a folder."""
    return WatchedFiles([str(folder)], files.get("files", []), files.get("written", []))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / ".work" / "shop"  # the names of the folders above do not matter
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    "path",
    [
        *("main.py", "app/main.py", "app/types.pyi", "pyproject.toml", "netra-contracts.toml", "sub/settings.toml"),
        *(".env", ".env.local", "ci.env", "deploy/.env.test", "logging.ini", "setup.cfg", "config/app.yaml", "a.yml"),
        *("venv.py", "environment/main.py", "m\u00fcller/\u540d.py"),
    ],
)
def test_code_and_configuration_is_watched(project: Path, path: str) -> None:
    assert in_folder(project)(1, str(project / path))


@pytest.mark.parametrize(
    "path",
    [
        *("app.log", "shop.db", "shop.db-wal", "report.json", "static/app.js", "README.md", "Makefile"),
        *(".git/config.toml", ".venv/lib/site-packages/a.py", ".tox/py/a.py", ".idea/a.yaml", ".cache/deep/a.py"),
        *("node_modules/a/setup.py", "app/__pycache__/main.cpython-311.pyc", "app/__pycache__/a.py"),
        *("lib/python3.11/site-packages/a/b.py", "main.py~", ".main.py.swp", ".#main.py", "#main.py#", "4913"),
        *("main.py.tmp", ".env~", "main.py___jb_tmp___", ".main.py"),
    ],
)
def test_files_written_by_applications_editors_and_installers_are_not_watched(project: Path, path: str) -> None:
    assert not in_folder(project)(1, str(project / path))


def test_virtual_environment_is_not_watched_whatever_its_name_is(project: Path) -> None:
    (project / "python").mkdir()
    (project / "python" / "pyvenv.cfg").touch()
    watched = in_folder(project)
    assert not watched(1, str(project / "python" / "lib" / "a.py"))
    assert watched(1, str(project / "pythons" / "a.py"))


def test_files_that_the_check_writes_are_not_watched(project: Path) -> None:
    watched = in_folder(project, written=[str(project / "out" / ".." / "report.toml")])
    assert not watched(1, str(project / "report.toml"))
    assert watched(1, str(project / "out" / "report.toml"))


def test_file_that_the_check_reads_is_watched_whatever_its_name_is(project: Path) -> None:
    assert in_folder(project, files=[str(project / ".secrets" / "variables")])(
        1, str(project / ".secrets" / "variables")
    )


def test_file_outside_of_the_project_is_watched_alone(project: Path) -> None:
    outside = project.parent / "ci.env"
    outside.touch()
    watched = in_folder(project, files=[str(outside), str(project / "main.py"), str(project.parent / "none.env")])
    assert watched.paths == (str(project), str(outside))
    assert not watched(1, str(project.parent / "other.env"))


def test_folder_in_another_is_watched_once(project: Path) -> None:
    (project / "src").mkdir()
    sibling = project.parent / "shop-tools"
    sibling.mkdir()
    folders = [str(project / "src"), str(project), str(sibling), f"{project}/"]
    assert set(WatchedFiles(folders, [], []).paths) == {str(project), str(sibling)}


def test_links_to_the_project_are_resolved(project: Path) -> None:
    link = project.parent / "link"
    link.symlink_to(project)
    watched = in_folder(link, written=[str(link / "out.toml")])
    assert watched.paths == (str(project),)
    assert watched(1, str(project / "main.py"))
    assert not watched(1, str(project / "out.toml"))


class TestProject:
    def test_files_named_in_the_configuration_are_watched(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("api", "lib", "ops"):
            (project.parent / name).mkdir()
        (project.parent / "ops" / "vars").touch()
        (project / "netra-contracts.toml").write_text('app-dir = "../api"\nenv-file = "../ops/vars"\n')
        monkeypatch.chdir(project)
        given = Options({"app_dir": "../lib", "report": ("json=out.toml",), "output": "table.toml"})
        watched = of_project(given, os.getcwd())
        assert set(watched.paths) == {
            str(project.parent / path) for path in ("shop", "api", "lib", os.path.join("ops", "vars"))
        }
        assert not watched(1, str(project / "out.toml"))
        assert not watched(1, str(project / "table.toml"))

    def test_files_named_by_each_of_several_targets_are_watched(self, project: Path) -> None:
        (project.parent / "jobs").mkdir()
        text = '[[targets]]\ntarget = "a:app"\n[[targets]]\napp-dir = "../jobs"\n'
        (project / "netra-contracts.toml").write_text(text)
        assert set(of_project(Options(), str(project)).paths) == {str(project), str(project.parent / "jobs")}

    def test_folder_of_the_configuration_is_watched_from_a_folder_in_it(self, project: Path) -> None:
        (project / "netra-contracts.toml").write_text('target = "main:app"\n')
        (project / "src").mkdir()
        assert of_project(Options(), str(project / "src")).paths == (str(project),)

    @pytest.mark.parametrize("name", ["netra-contracts.toml", "pyproject.toml"])
    def test_invalid_configuration_is_watched_until_it_is_corrected(self, project: Path, name: str) -> None:
        (project / name).write_text("[")
        (project / "src").mkdir()
        assert of_project(Options(), str(project / "src")).paths == (str(project),)

    def test_folder_without_configuration_is_watched(self, project: Path) -> None:
        (project / ".git").mkdir()
        assert of_project(Options(), str(project)).paths == (str(project),)


class TestContents:
    def test_file_that_is_written_with_the_same_content_has_not_changed(self, tmp_path: Path) -> None:
        path, contents = tmp_path / "main.py", Contents()
        path.write_text("a")
        assert contents.changed([str(path)]) == {str(path)}
        path.write_text("a")
        assert contents.changed([str(path)]) == set()
        path.write_text("b")
        assert contents.changed([str(path)]) == {str(path)}

    def test_file_that_is_removed_and_comes_back_has_changed(self, tmp_path: Path) -> None:
        path, contents = tmp_path / "main.py", Contents()
        path.write_text("a")
        contents.changed([str(path)])
        path.unlink()
        assert contents.changed([str(path)]) == {str(path)}
        path.write_text("a")
        assert contents.changed([str(path)]) == {str(path)}
