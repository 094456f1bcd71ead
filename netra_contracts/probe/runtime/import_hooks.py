"""Runs a function right after a module has been imported, and makes `netra_contracts.declare` importable everywhere."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType
from typing import Any, Callable

AfterImport = Callable[[ModuleType], None]

_PACKAGE = "netra_contracts"
_DECLARE = "netra_contracts.declare"


class AfterImportFinder:
    """A meta path finder that changes nothing but calls a function when one of the named modules has been executed."""

    def __init__(self, hooks: dict[str, AfterImport]) -> None:
        self._hooks = hooks

    def install(self) -> None:
        """Watch for the modules. The hooks of modules that have been imported before run at once."""
        sys.meta_path.insert(0, self)
        for name, hook in self._hooks.items():
            module = sys.modules.get(name)
            if module is not None:
                hook(module)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the module with the other finders and have its loader report the end of its execution."""
        hook = self._hooks.get(name)
        if hook is None:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if finder is self or find is None else find(name, path, target)
            if spec is not None:
                self._report_execution(spec, hook)
                return spec
        return None

    @staticmethod
    def _report_execution(spec: ModuleSpec, hook: AfterImport) -> None:
        loader: Any = spec.loader
        execute = getattr(loader, "exec_module", None)
        if execute is None:
            return

        def exec_module(module: ModuleType) -> None:
            execute(module)
            hook(module)

        # On the instance: the loader stays what it is for whoever asks it for resources or source.
        loader.exec_module = exec_module


class DeclareFinder:
    """A meta path finder for `netra_contracts.declare`.

    It is the last one, so it is used only if netra-contracts is not installed in the target's environment.
    """

    def __init__(self, package_dir: str) -> None:
        self._file = os.path.join(package_dir, "declare.py")

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A package with nothing in it but `declare`."""
        if name == _PACKAGE:
            return ModuleSpec(name, self, origin=self._file, is_package=True)  # type: ignore[arg-type]  # a loader by its methods
        if name == _DECLARE:
            spec = ModuleSpec(name, SourceFileLoader(name, self._file), origin=self._file)
            spec.has_location = True
            return spec
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave the creation of the package to the import system."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Give the package the public names of `declare`."""

        def resolve(name: str) -> object:
            declare = importlib.import_module(_DECLARE)
            if name in declare.__all__:
                return getattr(declare, name)
            raise AttributeError(
                f"module {_PACKAGE!r} has no attribute {name!r} here: "
                "netra-contracts is not installed in this environment"
            )

        module.__getattr__ = resolve  # type: ignore[method-assign]  # a module's own fallback, PEP 562
