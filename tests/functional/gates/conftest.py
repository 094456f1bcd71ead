"""Projects for the recipes of the documentation, and the tool as a distribution that pip finds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.gates.hook_projects import ROOT

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
PYPROJECT = """
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


class Shop:
    """An installable project whose startup keeps its contracts, until it is broken.

    Attributes:
        folder: of the project.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("shop/__init__.py", "")
        self.write("shop/main.py", MAIN)
        self.write("pyproject.toml", PYPROJECT)
        self.write("requirements.txt", "starlette\n")

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def break_startup(self) -> None:
        """Have the startup set None, which is NC202."""
        self.write("shop/main.py", MAIN.replace("= []", "= None"))

    @property
    def prefix(self) -> str:
        """`sys.prefix` of the process that ran the startup last."""
        return (self.folder / "prefix.txt").read_text(encoding="utf-8")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "project")


@pytest.fixture(scope="session")
def distribution(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables of an environment in which pip finds netra-contracts, as it is in the work tree."""
    wheels = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels), str(ROOT)]
    subprocess.run(command, check=True)
    links = f"{wheels} {os.environ.get('PIP_FIND_LINKS', '')}".strip()
    kept = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    return {**kept, "PIP_FIND_LINKS": links, "NO_COLOR": "1"}
