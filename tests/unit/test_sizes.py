"""Sizes of the package: a reader can survey a folder and a module."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import netra_contracts

PACKAGE = Path(netra_contracts.__file__).parent
LONGEST_MODULE = 400
LARGEST_FOLDER = 20
MODULES = {
    str(path.relative_to(PACKAGE.parent)): path.read_text(encoding="utf-8").count("\n")
    for path in PACKAGE.rglob("*.py")
}


def test_no_module_is_longer_than_400_lines() -> None:
    assert {name: lines for name, lines in MODULES.items() if lines > LONGEST_MODULE} == {}


def test_no_folder_has_more_than_20_modules() -> None:
    folders = Counter(name.rpartition("/")[0] for name in MODULES)
    assert {folder: modules for folder, modules in folders.items() if modules > LARGEST_FOLDER} == {}


def test_modules_of_all_folders_are_measured() -> None:
    assert MODULES["netra_contracts/__init__.py"] > 1
    assert MODULES["netra_contracts/protocol/observed/observation.py"] > 100
