"""Programs that import the target and set entries of its state."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from netra_contracts.probe.uses.launchers import launchers
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.source_usage import AccessKind, SourceUsage, StateAccess


def found(
    folder: Path, source: str, *, name: str = "user", kind: AccessKind = "write", names: tuple[str, ...] = ("user",)
) -> tuple[str, ...]:
    """What is found for a module `shop.cli` with this source, which writes an entry."""
    file = folder / "cli.py"
    file.write_text(source)
    access = StateAccess(kind, "application", Location(str(file), 1), name, "shop.cli")
    return launchers(SourceUsage((access,)), "shop.main", names, set())


@pytest.fixture(autouse=True)
def loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The target is loaded, with a module that it uses."""
    for name in ("shop", "shop.main", "shop.services"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))


@pytest.mark.parametrize(
    "source",
    [
        "from shop.main import app",
        "import shop.main",
        "import shop",
        "from shop import main",
        "from shop import app",
        "from .main import app",
        "from . import main",
        "def run():\n    from shop.main import app",
    ],
)
def test_program_that_imports_the_target(tmp_path: Path, source: str) -> None:
    assert found(tmp_path, source) == ("shop.cli",)


@pytest.mark.parametrize(
    "source",
    [
        "from shop.services import Pool",
        "from shop import services",
        "from .services import Pool",
        "import shopping.main",
        "from main import app",
        "app = object()",
        "def broken(",
    ],
)
def test_other_program(tmp_path: Path, source: str) -> None:
    assert found(tmp_path, source) == ()


def test_only_what_may_set_the_entries_counts(tmp_path: Path) -> None:
    source = "from shop.main import app"
    assert found(tmp_path, source, name="other") == ()
    assert found(tmp_path, source, kind="read") == ()
    assert found(tmp_path, source, names=()) == ()
    assert found(tmp_path, source, name="", kind="dynamic-write") == ("shop.cli",)
