"""The reference with one of the seeded faults in it: a target for the tool, in a process of its own.

The fault is named by an environment variable. The modules of the reference are read from where they are and changed on
their way in; nothing on disk is touched, and places that are reported are those of the real files.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

from netra_contracts.selftest.faults import FAULTS, Edit

#: Names the fault.
VARIABLE = "NETRA_CONTRACTS_SELFTEST_FAULT"
_REFERENCE = "netra_contracts.reference."


def edited(source: str, edits: Sequence[Edit]) -> str:
    """A module's source with changes in it.

    Raises:
        ValueError: if what is to be replaced is not there exactly once.
    """
    for edit in edits:
        count = source.count(edit.old)
        if count != 1:
            raise ValueError(f"to be replaced in {edit.module}.py, and there {count} times: {edit.old!r}")
        source = source.replace(edit.old, edit.new)
    return source


class _Editing(SourceFileLoader):
    """Loads one module with changes."""

    def __init__(self, fullname: str, path: str, edits: Sequence[Edit]) -> None:
        super().__init__(fullname, path)
        self._edits = edits

    def get_code(self, fullname: str) -> CodeType | None:
        """Compiled from the changed source: what is cached is the unchanged one's."""
        source = self.get_data(self.path).decode()
        code: CodeType = compile(edited(source, self._edits), self.path, "exec")
        return code


class FaultFinder(MetaPathFinder):
    """Finds the modules of the reference that a fault changes."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = edits

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A module with its changes; None: others are to find it."""
        edits = [edit for edit in self._edits if fullname == _REFERENCE + edit.module]
        spec = PathFinder.find_spec(fullname, path) if edits else None
        if spec is None or spec.origin is None:
            return None
        loader: Loader = _Editing(fullname, spec.origin, edits)
        spec.loader = loader
        return spec


def _edits() -> Sequence[Edit]:
    wanted = os.environ.get(VARIABLE, "")
    return next((fault.edits for fault in FAULTS if fault.name == wanted), ())


sys.meta_path.insert(0, FaultFinder(_edits()))

from netra_contracts.reference.app import create_app as _create_app  # noqa: E402 - after its modules can be changed


def create_app() -> Any:
    """The reference, changed."""
    return _create_app()
