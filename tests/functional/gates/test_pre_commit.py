"""The hooks of this repository, run by the real pre-commit and prek when a change is committed.

They are installed as a user does it: from a git repository, by its path and commit. The isolated hook installs the tool
and its dependencies from the package index.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.functional.gates.hook_projects import (
    CONTRACTS,
    MAIN,
    ROOT,
    RUNNERS,
    Project,
    environment_with_the_tool,
    this_repository,
)

MANIFEST = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
EVERY_RUNNER = pytest.mark.parametrize("runner", RUNNERS)
ISOLATED = "netra-contracts-isolated"

#: Makes environments of a project. Returns the `sys.prefix` that the target must have, and variables of the command.
Layout = Callable[[Project], tuple[str, dict[str, str]]]


def install_environments(project: Project, runner: str) -> None:
    """Clone the repository of the hooks and install it, which needs more programs on PATH than a run does."""
    installed = project.run(*RUNNERS[runner], "install-hooks")
    assert installed.status == 0, installed.output


def test_hooks_differ_only_in_where_the_tool_is_installed() -> None:
    system, isolated = MANIFEST["netra-contracts"], MANIFEST["netra-contracts-isolated"]
    assert (system["language"], isolated["language"]) == ("system", "python")
    own = {"id", "name", "description", "language"}
    assert {key: system[key] for key in system.keys() - own} == {key: isolated[key] for key in isolated.keys() - own}


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where the runners keep what they install."""
    folder = tmp_path_factory.mktemp("caches")
    return {
        "PRE_COMMIT_HOME": str(folder / "pre-commit"),
        "PREK_HOME": str(folder / "prek"),
        "PRE_COMMIT_COLOR": "never",
    }


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, caches: dict[str, str]) -> Path:
    """The repository that has the hooks."""
    return this_repository(tmp_path_factory.mktemp("source") / "netra-contracts", caches)


@pytest.fixture
def project(tmp_path: Path, caches: dict[str, str]) -> Project:
    return Project(tmp_path / "shop", caches)


def activated(environment: Path) -> dict[str, str]:
    """The variables that activating an environment sets."""
    return {"VIRTUAL_ENV": str(environment), "PATH": f"{environment}/bin:{os.environ['PATH']}"}


@pytest.mark.slow
@EVERY_RUNNER
@pytest.mark.parametrize("hook", MANIFEST)
def test_good_change_is_committed_and_broken_change_is_not(
    project: Project, source: Path, hook: str, runner: str
) -> None:
    environment = environment_with_the_tool(project.folder / ".venv")
    environ = activated(environment) if hook == "netra-contracts" else {}
    project.use_hooks(source, {"id": hook})
    installed = project.run(*RUNNERS[runner], "install")
    assert installed.status == 0, installed.output

    committed = project.commit("good", **environ)
    assert committed.status == 0, committed.output
    assert f"{MANIFEST[hook]['name']}." in committed.output
    assert "Passed" in committed.output

    source_text = (project.folder / "main.py").read_text(encoding="utf-8")
    project.write("main.py", source_text.replace('{"pool": Pool()}', '{"pool": None}'))
    refused = project.commit("broken", **environ)
    assert (refused.status != 0, project.commits) == (True, ["good"]), refused.output
    lines = [line.strip() for line in refused.output.splitlines()]
    assert "- exit code: 1" in lines
    assert "error[NC202] `pool` is None" in lines, refused.output
    assert "No user can connect" in refused.output
    assert max(map(len, lines)) <= 80, "the report fits into 80 columns"
    assert "\x1b" not in refused.output

    project.write("main.py", source_text)
    project.write("README.txt", "not Python\n")
    skipped = project.commit("text", **environ)
    assert (skipped.status, project.commits) == (0, ["text", "good"]), skipped.output
    assert "Skipped" in skipped.output, "no Python and no TOML was changed"


@pytest.mark.slow
@EVERY_RUNNER
def test_hook_of_the_projects_environment_fails_if_nothing_is_activated(
    project: Project, source: Path, runner: str
) -> None:
    environment_with_the_tool(project.folder / ".venv")
    project.use_hooks(source, {"id": "netra-contracts"})
    (only_git := project.folder.parent / "bin").mkdir()
    (only_git / "git").symlink_to(str(shutil.which("git")))
    project.run("git", "add", "--all")
    install_environments(project, runner)
    ended = project.run(*RUNNERS[runner], "run", PATH=str(only_git))
    assert ended.status != 0
    assert re.search("not found|No such file or directory", ended.output), ended.output


@pytest.mark.slow
@EVERY_RUNNER
def test_staged_files_are_checked_and_not_the_working_folder(project: Project, source: Path, runner: str) -> None:
    environment_with_the_tool(project.folder / ".venv")
    project.use_hooks(source, {"id": ISOLATED})
    project.run("git", "add", "--all")
    project.run(*RUNNERS[runner], "install")
    project.write("main.py", MAIN.replace('"pool": Pool()', '"pool": None'))
    committed = project.run("git", "commit", "--quiet", "--message", "good")
    assert (committed.status, project.commits) == (0, ["good"]), committed.output
    assert project.run("git", "diff", "--name-only").output == "main.py\n", "the change is still there"


def in_project(project: Project) -> tuple[str, dict[str, str]]:
    return str(environment_with_the_tool(project.folder / ".venv")), {}


def of_conda(project: Project) -> tuple[str, dict[str, str]]:
    prefix = environment_with_the_tool(project.folder.parent / "conda" / "envs" / "shop")
    (prefix / "conda-meta").mkdir()
    return str(prefix), {"CONDA_PREFIX": str(prefix), "CONDA_DEFAULT_ENV": "shop"}


def of_uv_workspace(project: Project) -> tuple[str, dict[str, str]]:
    """The application is a member of a workspace, whose environment is in the root."""
    project.write("uv.lock", "version = 1\n")
    project.write("services/api/main.py", MAIN)
    project.write("pyproject.toml", CONTRACTS.replace("main:create", "services/api/main.py:create"))
    return str(environment_with_the_tool(project.folder / ".venv")), {}


def named_by_uv(project: Project) -> tuple[str, dict[str, str]]:
    environment_with_the_tool(project.folder / ".venv")
    project.write("uv.lock", "version = 1\n")
    prefix = environment_with_the_tool(project.folder.parent / "of-uv")
    return str(prefix), {"UV_PROJECT_ENVIRONMENT": "../of-uv"}


def of_pdm(project: Project) -> tuple[str, dict[str, str]]:
    prefix = environment_with_the_tool(project.folder.parent / "of-pdm")
    project.write(".pdm-python", f"{prefix}/bin/python")
    return str(prefix), {}


def of_poetry(project: Project) -> tuple[str, dict[str, str]]:
    project.write("pyproject.toml", CONTRACTS + '[tool.poetry]\nname = "shop"\n')
    digest = base64.urlsafe_b64encode(hashlib.sha256(str(project.folder.resolve()).encode()).digest()).decode()[:8]
    cache = project.folder.parent / "cache"
    prefix = environment_with_the_tool(cache / "virtualenvs" / f"shop-{digest}-py3.12")
    return str(prefix), {"POETRY_CACHE_DIR": str(cache)}


def active_elsewhere(project: Project) -> tuple[str, dict[str, str]]:
    """The hook's own activation replaces `VIRTUAL_ENV`, and leaves the active environment second on `PATH`."""
    prefix = environment_with_the_tool(project.folder.parent / "environments" / "shop")
    return str(prefix), activated(prefix)


def on_path_only(project: Project) -> tuple[str, dict[str, str]]:
    """As in an image whose packages are installed for the interpreter of the system."""
    (folder := project.folder.parent / "bin").mkdir()
    (folder / "python").symlink_to(os.path.realpath(sys.executable))
    (folder / "git").symlink_to(str(shutil.which("git")))
    return sys.base_prefix, {"PATH": str(folder)}


@pytest.mark.slow
@EVERY_RUNNER
@pytest.mark.parametrize(
    "layout",
    [in_project, of_conda, of_uv_workspace, named_by_uv, of_pdm, of_poetry, active_elsewhere, on_path_only],
)
def test_isolated_hook_starts_the_target_in_the_projects_interpreter(
    project: Project, source: Path, layout: Layout, runner: str
) -> None:
    prefix, environ = layout(project)
    project.use_hooks(source, {"id": ISOLATED})
    project.run("git", "add", "--all")
    seen = project.folder.parent / "seen.json"
    install_environments(project, runner)
    ended = project.run(*RUNNERS[runner], "run", **environ, SEEN=str(seen))
    assert ended.status == 0, ended.output
    used, active, path = json.loads(seen.read_text(encoding="utf-8"))
    assert used == prefix
    assert active is None, "the hook's environment is not active in the target's process"
    expected = environ.get("PATH", os.environ["PATH"])
    assert path.endswith(expected)
    assert [
        folder for folder in path.removesuffix(expected).split(os.pathsep) if (Path(folder) / "python").exists()
    ] == []


@pytest.mark.slow
@EVERY_RUNNER
def test_one_hook_checks_every_project_of_a_repository(project: Project, source: Path, runner: str) -> None:
    """Each in its own environment. Output that is recorded with colours has no progress bar."""
    for name in ("main.py", "pyproject.toml"):
        (project.folder / name).unlink()
    prefixes = []
    for name in ("billing", "chat"):
        project.write(f"services/{name}/main.py", MAIN.replace('os.environ.get("SEEN", os.devnull)', "'seen.json'"))
        project.write(f"services/{name}/pyproject.toml", CONTRACTS)
        prefixes.append(str(environment_with_the_tool(project.folder / "services" / name / ".venv")))
    project.use_hooks(source, {"id": ISOLATED, "args": ["--all", "services"]})
    project.run("git", "add", "--all")
    command = [*RUNNERS[runner], "run", "--color", "always"]
    assert project.run(*command).status == 0
    seen = [project.folder / "services" / name / "seen.json" for name in ("billing", "chat")]
    assert [json.loads(file.read_text(encoding="utf-8"))[0] for file in seen] == prefixes

    project.write("services/chat/main.py", MAIN.replace('"pool": Pool()', '"pool": None'))
    project.run("git", "add", "--all")
    refused = project.run(*command)
    assert refused.status == 1
    assert "2 targets: 1 passed, 1 failed" in refused.output
    assert "NC202" in refused.output
    assert not re.search(r"\x1b\[\d*[A-LKS]", refused.output), "nothing moves the cursor or erases"


@pytest.mark.slow
@EVERY_RUNNER
def test_isolated_hook_without_an_interpreter_fails_and_lists_where_it_searched(
    project: Project, source: Path, runner: str
) -> None:
    """Also where `python` on `PATH` is that of another tool, as under `uvx pre-commit`."""
    (only_git := project.folder.parent / "bin").mkdir()
    (only_git / "git").symlink_to(str(shutil.which("git")))
    of_tool = environment_with_the_tool(project.folder.parent / "pipx" / "venvs" / "pre-commit")
    (of_tool / "pipx_metadata.json").touch()
    project.use_hooks(source, {"id": ISOLATED})
    project.run("git", "add", "--all")
    seen = project.folder.parent / "seen.json"
    install_environments(project, runner)
    for path in (f"{only_git}", f"{of_tool}/bin:{only_git}"):
        ended = project.run(*RUNNERS[runner], "run", PATH=path, HOME=str(project.folder.parent), SEEN=str(seen))
        assert ended.status == 1, ended.output
        assert "- exit code: 2" in ended.output
        message = " ".join(ended.output.split())
        for words in (
            "no interpreter of the application was found",
            "VIRTUAL_ENV is the environment of netra-contracts",
            "there is no .venv or venv in . or above it",
            "has netra-contracts only (name the project's interpreter: --python",
        ):
            assert words in message
        assert not seen.exists(), "nothing was started"
