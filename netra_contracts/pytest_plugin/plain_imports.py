"""Imports this package as any other process does, also within pytest.

pytest rewrites the assertions of everything that a distribution with a plugin contains. This package asserts nothing,
and where no bytecode can be written, each run would compile it again.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_PREFIX = f"{__name__.partition('.')[0]}."


class PlainFinder:
    """A meta path finder for this package, before that of pytest."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of this package on its path."""
        return PathFinder.find_spec(name, path, target) if name.startswith(_PREFIX) else None


def install() -> None:
    """Import the modules of this package without pytest from now on."""
    if not any(isinstance(finder, PlainFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, PlainFinder())


def uninstall() -> None:
    """Restore the meta path."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, PlainFinder)]
