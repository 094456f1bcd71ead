"""What is installed with the tool: no more than it imports, and nothing that changes the application beside it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "netra_contracts"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

RUN_TIME = {"typer", "rich", "pydantic", "importlib-metadata", "tomlkit", "websockets"}
SELFTEST = {"starlette", "uvicorn", "pyjwt"}
#: What is imported only where it is installed: by an extra, or by pytest itself, which loads the plugin.
OPTIONAL = {"watchfiles", "pytest"}
#: Pydantic pins this one and documents it as its own.
OF_PYDANTIC = {"pydantic-core"}


def names(requirements: list[str]) -> set[str]:
    """The distributions that requirements name, without versions."""
    return {str(canonicalize_name(Requirement(text).name)) for text in requirements}


def imported(*, reference: bool) -> set[str]:
    """The distributions that the host imports, in `reference/` or in all other packages.

    The probe is left out: it imports what it finds in the target's environment.
    """
    packages, distributions = set(), packages_distributions()
    for path in PACKAGE.rglob("*.py"):
        topic = path.relative_to(PACKAGE).parts[0]
        if topic != "probe" and (topic == "reference") == reference:
            packages |= set(_packages(ast.parse(path.read_text(encoding="utf-8"))))
    packages -= sys.stdlib_module_names | {"netra_contracts"}
    return {str(canonicalize_name(distributions[package][0])) for package in packages} - OF_PYDANTIC


def _packages(tree: ast.AST) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield from _packages(node)
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_run_time_dependencies_are_what_the_host_imports() -> None:
    assert imported(reference=False) - OPTIONAL == names(PROJECT["dependencies"]) == RUN_TIME


def test_extra_selftest_has_what_the_reference_imports() -> None:
    extra = names(PROJECT["optional-dependencies"]["selftest"])
    assert imported(reference=True) - RUN_TIME == extra == SELFTEST


def test_extra_dev_includes_selftest() -> None:
    required = [Requirement(text) for text in PROJECT["optional-dependencies"]["dev"]]
    assert "selftest" in {extra for one in required if one.name == "netra-contracts" for extra in one.extras}


def test_constraints_pin_every_tool_and_name_no_index() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)] == []
    extras = PROJECT["optional-dependencies"].values()
    required = names([*PROJECT["dependencies"], *(text for extra in extras for text in extra)]) - {"netra-contracts"}
    assert required - names(lines) == set()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    _pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.slow  # downloads the build backend
def test_wheel_requires_run_time_dependencies_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (path,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(path).decode())
    required = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]
    assert {one.name for one in required if one.marker is None} == RUN_TIME
    assert {one.name for one in required if one.marker and one.marker.evaluate({"extra": "selftest"})} == SELFTEST


@pytest.mark.slow  # installs an application of its own
def test_installing_the_tool_changes_no_framework_of_the_application(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    application = ("fastapi==0.110.3", "starlette==0.37.2", "pydantic==2.8.2", "uvicorn==0.29.0", "pyjwt==2.8.0")
    _pip(python, "install", *application)
    before = set(_pip(python, "freeze").splitlines())
    _pip(python, "install", str(wheel))
    assert before - set(_pip(python, "freeze").splitlines()) == set()
    (tmp_path / "main.py").write_text("from fastapi import FastAPI\napp = FastAPI()\n", encoding="utf-8")
    command = [python, "-m", "netra_contracts", "check", "main:app"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _pip(python: str, *arguments: str) -> str:
    command = [python, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
