"""A target: the reference application with one seeded fault, which an environment variable names.

The source of the reference is changed while it is imported. No file is written, and reported locations are those of the
real files. Where the fault is in what the sources say, the modules are those of a changed copy.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType, ModuleType
from typing import Any

from netra_contracts.selftest.faults import FAULTS, Edit

#: The environment variable that names the fault.
VARIABLE = "NETRA_CONTRACTS_SELFTEST_FAULT"
#: The environment variable with the folder of a changed copy of the reference; empty: there is none.
COPY_VARIABLE = "NETRA_CONTRACTS_SELFTEST_COPY"
#: The folder of the reference, in the copy.
COPIED = os.path.join("netra_contracts", "reference")
_REFERENCE = "netra_contracts.reference."


def edited(source: str, edits: Sequence[Edit]) -> str:
    """Return the source of a module with changes.

    Raises:
        ValueError: if the text to replace does not occur exactly once.
    """
    for edit in edits:
        count = source.count(edit.old)
        if count != 1:
            raise ValueError(f"the text to replace in {edit.module}.py occurs {count} times, not once: {edit.old!r}")
        source = source.replace(edit.old, edit.new)
    return source


class _EditingLoader(SourceFileLoader):
    """Loads a module from changed source."""

    def __init__(self, fullname: str, path: str, edits: Sequence[Edit]) -> None:
        super().__init__(fullname, path)
        self._edits = edits

    def get_code(self, fullname: str) -> CodeType | None:
        """Compile the changed source. Cached bytecode is not used: it is that of the unchanged source."""
        source = self.get_data(self.path).decode()
        code: CodeType = compile(edited(source, self._edits), self.path, "exec")
        return code


class CopyFinder(MetaPathFinder):
    """Finds the modules of the reference in a changed copy, which is what the reader of the sources reads."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module of the copy; None for other modules."""
        file = os.path.join(self._folder, COPIED, f"{fullname.removeprefix(_REFERENCE)}.py")
        is_copied = fullname.startswith(_REFERENCE) and os.path.isfile(file)
        return spec_from_file_location(fullname, file) if is_copied else None


class FaultFinder(MetaPathFinder):
    """Finds the modules of the reference that a fault changes."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = edits

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a changed module; None for other modules."""
        edits = [edit for edit in self._edits if fullname == _REFERENCE + edit.module]
        spec = PathFinder.find_spec(fullname, path) if edits else None
        if spec is None or spec.origin is None:
            return None
        loader: Loader = _EditingLoader(fullname, spec.origin, edits)
        spec.loader = loader
        return spec


def _edits() -> Sequence[Edit]:
    name = os.environ.get(VARIABLE, "")
    return next((fault.edits for fault in FAULTS if fault.name == name), ())


_COPY = os.environ.get(COPY_VARIABLE, "")
sys.meta_path.insert(0, CopyFinder(_COPY) if _COPY else FaultFinder(_edits()))

from netra_contracts.reference.app import create_app as _create_app  # noqa: E402 - after the finder is installed


def create_app() -> Any:
    """Return the reference application with the fault."""
    return _create_app()
