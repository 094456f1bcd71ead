"""tox and nox run the recipes of docs/ci.md: the application and the tool are installed in environments they make."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.gates.hook_projects import ROOT, Ended, ended_command
from tests.functional.test_documents import block

DOCUMENT = ROOT / "docs" / "ci.md"
MAIN = """
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from starlette.applications import Starlette

@asynccontextmanager
async def lifespan(app):
    app.state.pool = []
    yield

app = Starlette(lifespan=lifespan)
Path("prefix.txt").write_text(sys.prefix)
"""
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "shop"
version = "1.0"
dependencies = ["starlette"]

[tool.hatch.build.targets.wheel]
packages = ["shop"]

[tool.netra-contracts]
target = "shop.main:app"

[tool.netra-contracts.components.pool]
type = "list"
"""


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables with which pip finds a distribution of the work tree."""
    wheels = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels), str(ROOT)]
    subprocess.run(command, check=True)
    links = f"{wheels} {os.environ.get('PIP_FIND_LINKS', '')}".strip()
    kept = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    return {**kept, "PIP_FIND_LINKS": links, "NO_COLOR": "1"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An installable project, with an environment of its own that lacks the application's dependencies."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "main.py").write_text(MAIN, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "tox.toml").write_text(block(DOCUMENT, "toml", "[env.startup]"), encoding="utf-8")
    (tmp_path / "noxfile.py").write_text(block(DOCUMENT, "python", "import nox"), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / ".venv")], check=True)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "made"),
    [(("tox", "run", "-e", "startup"), ".tox/startup"), (("nox", "--session", "startup"), ".nox/startup")],
    ids=["tox", "nox"],
)
def test_recipe_checks_the_startup_in_the_environment_that_was_made(
    project: Path, environ: dict[str, str], command: tuple[str, ...], made: str
) -> None:
    def run() -> Ended:
        return ended_command([sys.executable, "-m", *command], project, environ)

    good = run()
    assert good.status == 0, good.output
    assert "PASSED" in good.output
    assert (project / "prefix.txt").read_text(encoding="utf-8") == str(project / made)

    (project / "shop" / "main.py").write_text(MAIN.replace("= []", "= None"), encoding="utf-8")
    broken = run()
    assert broken.status == 1, broken.output
    assert "error[NC202] `pool` is None" in broken.output
