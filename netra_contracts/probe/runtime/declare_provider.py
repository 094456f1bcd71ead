"""Makes `netra_contracts.declare` importable where netra-contracts is not installed, and records who imports it."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import FrameType, ModuleType
from typing import Any

from ..inspection import own_code
from . import import_hooks

_PACKAGE = "netra_contracts"
_DECLARE = "netra_contracts.declare"
_IMPORTLIB = importlib.__file__
_IMPORT_HOOKS = import_hooks.AfterImportFinder.find_spec.__code__.co_filename

#: The lines that lead to an import, innermost first, each with its module.
ImportSite = tuple[tuple[str, int, str], ...]


class DeclareProvider:
    """A meta path finder for `netra_contracts.declare`.

    It is the last one, so it is used only if netra-contracts is not installed in the target's environment.

    Args:
        package_dir: the folder of netra-contracts.

    Attributes:
        sites: the imports of the provided modules by the application, each once, in order.
        imported_for_the_tool: the modules that were imported because contracts or checks of the application need them.
    """

    def __init__(self, package_dir: str) -> None:
        self._file = os.path.join(package_dir, "declare.py")
        self._ignores_imports = 0
        self.imported_for_the_tool: set[str] = set()
        self.sites: dict[ImportSite, None] = {}

    @contextlib.contextmanager
    def importing_for_the_tool(self) -> Iterator[None]:
        """Do not record imports: modules of contracts and checks are imported, which the application does not need."""
        before = set(sys.modules)
        self._ignores_imports += 1
        try:
            yield
        finally:
            self._ignores_imports -= 1
            self.imported_for_the_tool |= set(sys.modules) - before

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A package with nothing in it but `declare`."""
        if name not in (_PACKAGE, _DECLARE):
            return None
        self.record(sys._getframe(1))
        loader: Any = _PackageLoader(self) if name == _PACKAGE else _DeclareLoader(self, self._file)
        spec = ModuleSpec(name, loader, origin=self._file, is_package=name == _PACKAGE)
        spec.has_location = name == _DECLARE
        return spec

    def record(self, frame: FrameType | None) -> None:
        """Record who imports, if a frame or the import system above it executes an import."""
        by_import_system = False
        while frame is not None and _is_import_system(frame.f_code.co_filename):
            by_import_system = True
            frame = frame.f_back
        if self._ignores_imports or frame is None or frame.f_code.co_filename.startswith(os.path.dirname(_IMPORTLIB)):
            return  # `importlib.util.find_spec` imports nothing
        if not by_import_system and not _executes_import(frame):
            return
        lines: list[tuple[str, int, str]] = []
        while frame is not None and not own_code.is_probe(frame.f_code.co_filename):
            file = frame.f_code.co_filename
            if not own_code.is_library_file(file):
                lines.append((file, frame.f_lineno, str(frame.f_globals.get("__name__", ""))))
            frame = frame.f_back
        if lines:
            self.sites[tuple(lines)] = None


def _is_import_system(file: str) -> bool:
    return file.startswith("<frozen importlib") or file in (_IMPORTLIB, _IMPORT_HOOKS)


def _executes_import(frame: FrameType) -> bool:
    from opcode import opmap

    return frame.f_lasti >= 0 and frame.f_code.co_code[frame.f_lasti] == opmap["IMPORT_NAME"]


class _ProvidedModule(ModuleType):
    """A module that reports each import of itself.

    An import statement reads `__spec__` of a module that has been imported before, to see whether it is still being
    initialised: https://github.com/python/cpython/blob/v3.13.0/Python/import.c (`import_ensure_initialized`).
    """

    _provider: DeclareProvider

    def __getattribute__(self, name: str) -> Any:
        if name == "__spec__":
            object.__getattribute__(self, "_provider").record(sys._getframe(1))
        return super().__getattribute__(name)


def _provided_module(spec: ModuleSpec, provider: DeclareProvider) -> ModuleType:
    module = _ProvidedModule(spec.name)
    module._provider = provider
    return module


class _DeclareLoader(SourceFileLoader):
    """Loads `declare`."""

    def __init__(self, provider: DeclareProvider, file: str) -> None:
        super().__init__(_DECLARE, file)
        self._provider = provider

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """A module that reports its imports."""
        return _provided_module(spec, self._provider)


class _PackageLoader:
    """Loads the package, which has the public names of `declare`."""

    def __init__(self, provider: DeclareProvider) -> None:
        self._provider = provider

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """A module that reports its imports."""
        return _provided_module(spec, self._provider)

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
