"""Objects of modules, and modules that were loaded under several names."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from netra_contracts.probe.components import modules
from netra_contracts.probe.inspection.questions import ComponentNotFoundError
from netra_contracts.protocol.address import parse_address


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module `found_here.shop.db`, and nothing else that it imports."""
    folder = tmp_path / "found_here" / "shop"
    folder.mkdir(parents=True)
    for file in ("../__init__.py", "__init__.py", "idle.py"):
        (folder / file).write_text("")
    (folder / "db.py").write_text("class Engine: ...\nengine = Engine()\n")
    (folder / "user.py").write_text("from found_here.shop.db import Engine\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("found_here.shop.db")
    for name in [name for name in sys.modules if name.startswith(("found_here", "other_name"))]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("address", "missing", "near", "reason"),
    [
        ("found_here.shop.db:enginee", "found_here.shop.db:enginee", "found_here.shop.db:engine", ""),
        ("found_here.shop.db:Enginee", "found_here.shop.db:Enginee", "found_here.shop.db:Engine", ""),
        ("found_here.shop.db:Enginee()", "found_here.shop.db:Enginee", "found_here.shop.db:Engine()", ""),
        ("found_here.shop.db:Enginee.get()", "found_here.shop.db:Enginee", "found_here.shop.db:Engine", ""),
        ("found_here.shop.db:engine.url", "found_here.shop.db:engine.url", "", ""),
        ("module:found_here.shop.db:en", "module:found_here.shop.db:en", "", ""),
        ("shop.db:engine", "shop.db:engine", "found_here.shop.db:engine", "not-imported"),
        ("src.found_here.shop.db:engine", "src.found_here.shop.db:engine", "found_here.shop.db:engine", "not-imported"),
        ("found_here.shop.bd:engine", "found_here.shop.bd:engine", "found_here.shop.db:engine", "not-imported"),
        ("found_here.shop.bd:other", "found_here.shop.bd:other", "", "not-imported"),
        ("found_here.shop.bd:engine.x", "found_here.shop.bd:engine.x", "found_here.shop.db:engine.x", "not-imported"),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_named_with_the_nearest_address(
    shop: ModuleType, address: str, missing: str, near: str, reason: str
) -> None:
    with pytest.raises(ComponentNotFoundError) as raised:
        modules.find(parse_address(address), {})
    assert (raised.value.missing, raised.value.near, raised.value.reason) == (missing, near, reason)


def test_object_of_a_module_is_found(shop: ModuleType) -> None:
    assert modules.find(parse_address("found_here.shop.db:engine"), {}).value is shop.engine


def test_file_that_was_executed_twice_is_found_and_an_alias_is_not(shop: ModuleType) -> None:
    assert shop.__file__ is not None
    sys.modules["other_name_of_one"] = shop
    assert not any(shop.__name__ in found.names for found in modules.duplicates())
    spec = importlib.util.spec_from_file_location("other_name", shop.__file__)
    assert spec is not None
    assert spec.loader is not None
    again = sys.modules["other_name"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(again)
    (found,) = (found for found in modules.duplicates() if shop.__name__ in found.names)
    assert found.file == shop.__file__
    assert {"found_here.shop.db", "other_name"} <= set(found.names)


def test_module_is_used_if_another_one_refers_to_it_or_to_what_it_defines(shop: ModuleType) -> None:
    importlib.import_module("found_here.shop.idle")
    assert not modules.is_used("found_here.shop.db", set())
    importlib.import_module("found_here.shop.user")
    assert modules.is_used("found_here.shop.db", set())
    assert not modules.is_used("found_here.shop.db", {"found_here.shop.user"})


def test_import_that_fails_is_recorded_by_name(shop: ModuleType) -> None:
    failed = modules.import_all(["found_here.shop.idle", "found_here.absent", "found_here.shop.db"], 5.0)
    assert list(failed) == ["found_here.absent"]
    assert "ModuleNotFoundError" in failed["found_here.absent"].message
    with pytest.raises(ComponentNotFoundError) as raised:
        modules.find(parse_address("found_here.absent:x"), failed)
    assert (raised.value.reason, "ModuleNotFoundError" in raised.value.detail) == ("raised", True)
