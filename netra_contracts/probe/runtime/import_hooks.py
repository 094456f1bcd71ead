"""Runs a function right after a module has been imported."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Callable

AfterImport = Callable[[ModuleType], None]


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
