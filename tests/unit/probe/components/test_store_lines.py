"""The line of a module that stores an object under a name."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from netra_contracts.probe.components.store_lines import StoreLines

SOURCE = """
class Registry:
    instance = None
    other = 1

    @classmethod
    def get(cls):
        if cls.instance is None:
            cls.instance = cls()
        return cls.instance

def set_all():
    global late, twice, body, lost
    late = object()
    twice = object()
    twice = object()
    body = object()
    lost = None

def local():
    once = 1
    return once

late = None
twice = None
body = object()
once = object()
lost = object()
(a, b) = 1, 2
with open(__file__) as file:
    pass
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    (tmp_path / "stored_here.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("stored_here")
    del sys.modules["stored_here"]


@pytest.mark.parametrize(
    ("path", "is_none", "after_import", "line"),
    [
        ("late", False, True, "late = object()"),
        ("late", True, False, "late = None"),
        ("twice", False, True, None),
        ("body", False, False, None),
        ("body", False, True, "    body = object()"),
        ("once", False, False, "once = object()"),
        ("once", False, True, None),
        ("lost", True, True, "lost = None"),
        ("a", False, False, "(a, b)"),
        ("file", False, False, "with open"),
        ("Registry", False, False, "class Registry"),
        ("Registry.instance", False, True, "cls.instance = cls()"),
        ("Registry.instance", True, False, "    instance = None"),
        ("Registry.other", False, False, "    other = 1"),
        ("absent", False, False, None),
    ],
)
def test_only_line_that_stores_is_found(
    module: ModuleType, path: str, is_none: bool, after_import: bool, line: str | None
) -> None:
    site = StoreLines().site(module, path, is_none=is_none, after_import=after_import)
    found = SOURCE.splitlines()[site[1] - 1] if site is not None else None
    assert (found is None) is (line is None), found
    assert line is None or (found is not None and line in found)


def test_module_without_code_has_no_line() -> None:
    assert StoreLines().site(ModuleType("made_up"), "engine", is_none=False) is None
    assert StoreLines().site(sys, "path", is_none=False) is None
