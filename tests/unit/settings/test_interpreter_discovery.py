"""Which interpreter runs the target, and why."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from netra_contracts.errors import UsageError
from netra_contracts.settings import interpreter_discovery
from netra_contracts.settings.interpreter_discovery import Interpreter, OwnEnvironment


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def environment(folder: Path) -> str:
    """Make a virtual environment with an interpreter, and return the interpreter."""
    path = write(folder / "bin" / "python", "#!/bin/sh\n")
    path.chmod(0o755)
    write(folder / "pyvenv.cfg")
    return str(path)


class Machine:
    """A project in a folder, and the environment of netra-contracts outside of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = root / "code" / "project"
        self.project.mkdir(parents=True)
        self.tool = root / "tool"
        self.own = OwnEnvironment(str(self.tool), environment(self.tool))

    def find(self, environ: Mapping[str, str], explicit: str | None = None, folder: str = "") -> Interpreter:
        folders = (str(self.project / folder), str(self.project))
        environ = {"HOME": str(self.root / "home"), "PATH": "/nowhere", **environ}
        return interpreter_discovery.find_interpreter(explicit, environ, str(self.project), folders, self.own)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


class TestExplicit:
    def test_interpreter_or_environment_is_used(self, machine: Machine) -> None:
        python = environment(machine.project / "env")
        for asked in (python, "env/bin/python", "env"):
            assert machine.find({}, asked) == Interpreter(python, f"interpreter {python}, as given")

    def test_name_is_searched_on_the_path(self, machine: Machine) -> None:
        python = environment(machine.root / "env")
        environ = {"PATH": str(machine.root / "env" / "bin"), "VIRTUAL_ENV": "/nowhere"}
        assert machine.find(environ, "python").path == python

    @pytest.mark.parametrize(
        ("asked", "message"),
        [
            ("nowhere/python", "there is no interpreter nowhere/python"),
            ("pythn", "there is no interpreter pythn"),
            ("text", "text cannot be executed"),
            ("folder", "folder is not the folder of a virtual environment: it has no bin/python"),
            ("moved", "moved is not the folder of a virtual environment: its bin/python is a link to /nowhere/python"),
        ],
    )
    def test_interpreter_that_cannot_run_is_reported(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch, asked: str, message: str
    ) -> None:
        monkeypatch.chdir(machine.project)
        write(machine.project / "text").chmod(0o644)
        (machine.project / "folder").mkdir()
        (machine.project / "moved" / "bin").mkdir(parents=True)
        (machine.project / "moved" / "bin" / "python").symlink_to("/nowhere/python")
        with pytest.raises(UsageError) as caught:
            machine.find({}, asked)
        [problem] = caught.value.problems
        assert problem.message.startswith(message)
        hint = "name an interpreter, e.g. .venv/bin/python, or the folder of a virtual environment"
        assert problem[1:] == ("--python", hint)


class TestOrder:
    """Each candidate is found, and found before those that come after it."""

    def test_candidates_are_used_in_the_documented_order(self, machine: Machine) -> None:
        root = machine.root
        write(machine.project / "uv.lock")
        write(machine.project / "poetry.lock")
        write(machine.project / "pyproject.toml", '[project]\nname = "My Shop"\n')
        digest = hashlib.sha256(str(machine.project.resolve()).encode()).digest()
        poetry = f"my_shop-{base64.urlsafe_b64encode(digest).decode()[:8]}-py3.12"
        pythons = {
            "VIRTUAL_ENV": environment(root / "active"),
            "CONDA_PREFIX": environment(root / "conda"),
            "UV_PROJECT_ENVIRONMENT": environment(machine.project / "uv-env"),
            ".venv": environment(machine.project / ".venv"),
            "venv": environment(machine.project / "venv"),
            ".venv above": environment(root / "code" / ".venv"),
            "pdm": environment(root / "pdm"),
            "poetry": environment(root / "home" / ".cache" / "pypoetry" / "virtualenvs" / poetry),
            "PATH": environment(root / "other"),
        }
        write(machine.project / ".pdm-python", pythons["pdm"])
        environ = {
            "VIRTUAL_ENV": str(root / "active"),
            "CONDA_PREFIX": str(root / "conda"),
            "UV_PROJECT_ENVIRONMENT": "uv-env",
            "PATH": str(root / "other" / "bin"),
        }
        for name, python in pythons.items():
            assert machine.find(environ).path == python, name
            Path(python).unlink()
        assert machine.find(environ).path == machine.own.executable

    def test_environments_near_the_target_precede_those_of_the_current_folder(self, machine: Machine) -> None:
        environment(machine.project / ".venv")
        python = environment(machine.project / "services" / "api" / "venv")
        assert machine.find({}, folder="services/api/src").path == python

    def test_conda_base_comes_after_the_environment_of_the_project(self, machine: Machine) -> None:
        conda, python = environment(machine.root / "conda"), environment(machine.project / ".venv")
        environ = {"CONDA_PREFIX": str(machine.root / "conda"), "CONDA_DEFAULT_ENV": "base"}
        assert machine.find(environ).path == python
        Path(python).unlink()
        found = machine.find(environ)
        assert (found.path, found.why.endswith("of the base conda environment")) == (conda, True)

    def test_folder_called_venv_that_is_a_package_is_not_an_environment(self, machine: Machine) -> None:
        write(machine.project / "venv" / "__init__.py")
        assert not any("broken" in step for step in machine.find({}).looked_at)

    def test_broken_environment_is_reported_and_passed_over(self, machine: Machine) -> None:
        (machine.project / ".venv" / "bin").mkdir(parents=True)
        (machine.project / ".venv" / "bin" / "python").symlink_to("/nowhere/python3.8")
        found = machine.find({"VIRTUAL_ENV": "/gone"})
        assert found.path == machine.own.executable
        said = "; ".join(found.broken)
        assert set(found.broken) < set(found.looked_at)
        assert "VIRTUAL_ENV names /gone, which is broken: it is not a folder" in said
        assert ".venv is broken: its bin/python is a link to /nowhere/python3.8, which does not exist" in said

    def test_several_environments_of_poetry_are_reported_unless_one_is_activated(self, machine: Machine) -> None:
        write(machine.project / "poetry.lock")
        write(machine.project / "pyproject.toml", '[tool.poetry]\nname = "shop"\n')
        write(machine.project / "poetry.toml", '[virtualenvs]\npath = "{cache-dir}/here"\n')
        digest = base64.urlsafe_b64encode(hashlib.sha256(str(machine.project.resolve()).encode()).digest())
        name = f"shop-{digest.decode()[:8]}"
        folder = machine.root / "cache" / "here"
        environment(folder / f"{name}-py3.11")
        python = environment(folder / f"{name}-py3.12")
        environ = {"POETRY_CACHE_DIR": str(machine.root / "cache")}
        assert "poetry has 2 environments" in "; ".join(machine.find(environ).looked_at)
        write(folder / "envs.toml", f'[{name}]\nminor = "3.12"\npatch = "3.12.1"\n')
        assert machine.find(environ).path == python


class TestOwnEnvironment:
    """The environment of netra-contracts is the last candidate, and none if it was made for the tool alone."""

    def environ(self, machine: Machine) -> dict[str, str]:
        (machine.root / "link").symlink_to(machine.tool)
        link = str(machine.root / "link")
        return {"VIRTUAL_ENV": link, "CONDA_PREFIX": link, "PATH": f"{link}/bin:{machine.root}/system/bin"}

    def test_active_environment_of_the_tool_is_passed_over(self, machine: Machine) -> None:
        python = environment(machine.project / ".venv")
        assert machine.find(self.environ(machine)).path == python

    def test_active_environment_that_has_the_tool_and_a_framework_is_used(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As in an environment of tox or nox, beside the project's own."""
        other = environment(machine.project / ".venv")
        monkeypatch.setattr(OwnEnvironment, "has_framework", True)
        for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
            environ = {variable: str(machine.tool)}
            assert machine.find(environ).path == machine.own.executable
        write(machine.tool / ".install_state_v2")
        assert machine.find(environ).path == other, "a hook may have a framework as an additional dependency"

    def test_own_interpreter_is_used_if_it_is_the_first_on_the_path(self, machine: Machine) -> None:
        environment(machine.root / "system")
        environ = {**self.environ(machine), "PATH": f"{machine.tool}/bin:{machine.root}/system/bin"}
        assert machine.find(environ).path == machine.own.executable

    def test_python_of_the_system_comes_after_a_tool_that_is_installed_beside_a_framework(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        system = environment(machine.root / "system")
        (machine.root / "system" / "pyvenv.cfg").unlink()
        environ = {"PATH": str(Path(system).parent)}
        assert machine.find(environ).path == system
        monkeypatch.setattr(OwnEnvironment, "has_framework", True)
        assert machine.find(environ).path == machine.own.executable

    @pytest.mark.parametrize(
        "marker", ["pipx_metadata.json", "uv-receipt.toml", ".install_state_v2", ".prek-hook.json"]
    )
    def test_isolated_tool_uses_another_python_on_the_path(self, machine: Machine, marker: str) -> None:
        write(machine.tool / marker)
        system = environment(machine.root / "system")
        assert machine.find(self.environ(machine)).path == system

    @pytest.mark.parametrize("folder", ["cache/uv/archive-v0/AbC", "pipx/venvs/pre-commit"])
    def test_python_of_another_isolated_tool_on_the_path_is_passed_over(self, machine: Machine, folder: str) -> None:
        write(machine.tool / ".install_state_v2")
        of_pre_commit = environment(machine.root / folder)
        if folder.startswith("pipx"):
            write(machine.root / folder / "pipx_metadata.json")
        system = environment(machine.root / "system")
        (machine.root / "links").symlink_to(Path(of_pre_commit).parent)
        for first in (Path(of_pre_commit).parent, machine.root / "links", f"{Path(of_pre_commit).parent}/"):
            assert machine.find({"PATH": f"{first}:{Path(system).parent}"}).path == system
            with pytest.raises(UsageError, match="there is no `python` on PATH"):
                machine.find({"PATH": str(first)})

    def test_isolated_tool_that_finds_nothing_says_what_it_looked_for(self, machine: Machine) -> None:
        write(machine.tool / "uv-receipt.toml")
        with pytest.raises(UsageError) as caught:
            machine.find(self.environ(machine))
        [problem] = caught.value.problems
        assert problem.message.startswith("no interpreter of the application was found")
        for said in ("VIRTUAL_ENV is the environment of netra-contracts", "there is no .venv", "no `python` on PATH"):
            assert said in problem.message
        assert problem.hint.startswith("name the project's interpreter: --python")

    def test_environment_of_uvx_is_isolated(self) -> None:
        assert OwnEnvironment("/home/me/.cache/uv/archive-v0/AbC", "").is_isolated
        assert not OwnEnvironment("/home/me/code/.venv", "").is_isolated


class TestVariablesOfTheTarget:
    """The target does not inherit the activation of the environment that has the tool only."""

    def variables(self, machine: Machine, python: str) -> dict[str, str]:
        path = f"{machine.tool}/bin/:/usr/bin:{machine.tool}/bin"
        environ = {"VIRTUAL_ENV": str(machine.tool), "PATH": path, "A": "b"}
        return interpreter_discovery.without_own(environ, machine.own, python)

    def test_activation_of_an_isolated_tool_is_left_out(self, machine: Machine) -> None:
        write(machine.tool / ".install_state_v2")
        python = environment(machine.project / ".venv")
        assert self.variables(machine, python) == {"PATH": "/usr/bin", "A": "b"}
        environ = {"VIRTUAL_ENV": str(machine.project / ".venv")}
        assert interpreter_discovery.without_own(environ, machine.own, python) == environ
        assert interpreter_discovery.without_own({}, machine.own, python) == {}

    def test_activation_is_inherited_if_the_target_runs_there(self, machine: Machine) -> None:
        write(machine.tool / ".install_state_v2")
        assert self.variables(machine, machine.own.executable)["VIRTUAL_ENV"] == str(machine.tool)

    def test_activation_of_an_environment_that_has_more_than_the_tool_is_inherited(self, machine: Machine) -> None:
        python = environment(machine.project / ".venv")
        assert self.variables(machine, python)["PATH"].startswith(str(machine.tool))


def test_missing_file_of_pdm_is_reported(machine: Machine) -> None:
    write(machine.project / ".pdm-python", "/nowhere/python\n")
    said = "; ".join(machine.find({}).looked_at)
    assert "names /nowhere/python, which cannot be executed" in said
