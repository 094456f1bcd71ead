"""Which modules of the target are loaded, by the paths under which the reader knows them."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from netra_contracts.probe.uses.loaded_modules import loaded_modules
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.source_usage import LateImport, LoadedModule, SourceUsage, StateAccess

Load = Callable[[str, Path], Path]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Adds a module with a file to `sys.modules`."""

    def load(name: str, file: Path) -> Path:
        module = types.ModuleType(name)
        module.__file__ = str(file)
        monkeypatch.setitem(sys.modules, name, module)
        return file

    return load


def usage(*files: Path, late: tuple[LateImport, ...] = ()) -> SourceUsage:
    """An access in each file."""
    accesses = tuple(StateAccess("read", "application", Location(str(file), 1), "pool") for file in files)
    return SourceUsage(accesses, late_imports=late)


def test_modules_with_accesses_and_named_ones(load: Load, tmp_path: Path) -> None:
    main = load("shop_main", tmp_path / "shop_main.py")
    late = load("shop_late", tmp_path / "shop_late.py")
    load("shop_other", tmp_path / "shop_other.py")
    found = set(loaded_modules(usage(main, tmp_path / "unloaded.py", late=(LateImport("shop_main", "shop_late.x"),))))
    assert found == {LoadedModule("shop_main", str(main)), LoadedModule("shop_late", str(late))}


def test_module_behind_a_link_has_the_path_that_was_read(load: Load, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/shop_linked.py").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    load("shop_linked", tmp_path / "link/shop_linked.py")
    read = tmp_path / "real/shop_linked.py"
    assert list(loaded_modules(usage(read))) == [LoadedModule("shop_linked", str(read))]


class Hostile:
    """An object in `sys.modules` that answers no question."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)


def test_objects_that_are_no_modules_are_left_out(load: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "hostile", Hostile())
    main = load("shop_main", tmp_path / "shop_main.py")
    assert list(loaded_modules(usage(main))) == [LoadedModule("shop_main", str(main))]


def test_without_accesses_something_is_loaded(load: Load, tmp_path: Path) -> None:
    main = load("shop_main", tmp_path / "shop_main.py")
    assert LoadedModule("shop_main", str(main)) in set(loaded_modules(usage()))
