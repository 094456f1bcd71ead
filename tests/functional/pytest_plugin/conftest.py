"""Runs pytest with the plugin in small projects."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from importlib.metadata import entry_points
from types import ModuleType

import importlib_metadata  # noqa: F401 - replaces the finder of the standard library, which `pytester` would undo by half
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette asks for a later version of httpx
    import starlette.testclient  # noqa: F401 - before pytest runs in this process, which would warn

#: pytest loads the plugin by itself where it is installed with its entry point, and refuses to load it twice.
_IS_INSTALLED = any(point.name == "netra_contracts" for point in entry_points(group="pytest11"))
PLUGIN = () if _IS_INSTALLED else ("-p", "netra_contracts.pytest_plugin")

MAIN = """
from contextlib import asynccontextmanager
from pathlib import Path
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

class Pool: ...

class Bridge:
    def __init__(self, pool):
        self.pool = pool

@asynccontextmanager
async def lifespan(app):
    with Path("starts").open("a") as file:
        file.write("x")
    print("printed by the target")
    app.state.pool = Pool()
    app.state.bridge = Bridge(Pool())
    yield {"session": "of the lifespan"}

async def show(request):
    return PlainTextResponse(f"{type(request.app.state.bridge).__name__} {request.state.session}")

app = Starlette(lifespan=lifespan, routes=[Route("/", show)])
"""
CONFIGURATION = """
[tool.netra-contracts]
target = "main:app"

[tool.netra-contracts.components.pool]
phase = "initialization"
type = "main:Pool"

[tool.netra-contracts.components.bridge]
phase = "integration"
wires = { pool = "pool" }

[tool.netra-contracts.components.handler]
requires = ["bridge"]
"""
#: Passes, and is in a folder that `testpaths` names.
TEST = "def test_other(): pass"


class Project:
    """A project in which pytest is run in this process. Its target's startup appends to the file `starts`."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        self.folder = pytester.path

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, by their paths."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def run(self, *args: str) -> pytest.RunResult:
        """Run pytest."""
        _LIBRARIES.restore()
        options = ("-p", "no:cacheprovider", "-p", "no:randomly")
        return self._pytester.runpytest_inprocess(*PLUGIN, *options, *args, plugins=[_LIBRARIES])

    @property
    def starts(self) -> int:
        """How often the target was started."""
        file = self.folder / "starts"
        return len(file.read_text(encoding="utf-8")) if file.exists() else 0


class _LibraryModules:
    """Keeps the modules of libraries that are imported while pytest runs in this process.

    `pytester` forgets them, and a second copy of some modules of a library does not work with the first of others.
    """

    def __init__(self) -> None:
        self._modules: dict[str, ModuleType] = {}

    def pytest_unconfigure(self) -> None:
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None) or ""
            if name.startswith("netra_contracts") or "site-packages" in file or "/lib/python" in file:
                self._modules.setdefault(name, module)

    def restore(self) -> None:
        for name, module in self._modules.items():
            sys.modules.setdefault(name, module)


_LIBRARIES = _LibraryModules()


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    """An application whose contract of `bridge` is broken and whose `handler` is missing."""
    made = Project(pytester)
    made.write({"main.py": MAIN, "pyproject.toml": CONFIGURATION, "tests/test_other.py": TEST})
    return made
