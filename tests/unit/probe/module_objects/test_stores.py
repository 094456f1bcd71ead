"""Compiled code says which lines store a global or an attribute of a class."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from netra_contracts.probe.module_objects.stores import ModuleStores

SOURCE = """\
from collections import OrderedDict as imported
import json as module
early = dict()
alias = early


class Registry:
    instance = None

    @classmethod
    def get(cls):
        def create():
            cls.instance = cls()
        create()

    def method(self, other):
        self.instance = other
        other.instance = self
        type(self).other = 1


def function():
    global early, late
    late, early = list(), None
    Registry.instance = list()
    local = list()


class Outer:
    class Inner:
        value = dict()
"""


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleStores]:
    (tmp_path / "stored_globals.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("stored_globals")
    paths = ["imported", "module", "early", "alias", "late", "local", "other", "Registry.instance", "Outer.Inner.value"]
    yield ModuleStores(module, paths)
    sys.modules.pop("stored_globals")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("imported", []),
        ("module", []),
        ("early", [(3, False, True), (24, True, False)]),
        ("alias", [(4, False, False)]),
        ("late", [(24, True, False)]),
        ("local", []),
        ("other", []),
        ("Registry.instance", [(8, False, False), (13, True, False), (25, True, False)]),
        ("Outer.Inner.value", [(31, False, True)]),
    ],
)
def test_stores_of_a_name(stores: ModuleStores, path: str, expected: list[tuple[int, bool, bool]]) -> None:
    found = [(store.location().line, store.by_function, store.calls) for store in stores.of(path)]
    assert sorted(found) == expected


def test_module_without_code_is_unknown() -> None:
    assert not ModuleStores(sys, ["path"]).is_known


def test_names_beyond_the_first_256_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"name{number} = {number}" for number in range(600)]
    (tmp_path / "many_globals.py").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("many_globals")
    names = ["name0", "name1", "name255", "name256", "name257", "name599"]
    stores = ModuleStores(module, names)
    assert [[store.location().line for store in stores.of(name)] for name in names] == [
        [1], [2], [256], [257], [258], [600],
    ]  # fmt: skip
    del sys.modules["many_globals"]
