"""Which of the target's modules are loaded, of those that matter for what the sources say."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from ...protocol.source_usage import LoadedModule, SourceUsage
from ..inspection import own_code

#: The private name of this package.
_PROBE = "_netra_contracts"


def loaded_modules(usage: SourceUsage) -> Iterator[LoadedModule]:
    """The loaded modules that have accesses, could not be read, or are named by imports; a file as it was read.

    If there are none, it is the first module of the target, so that the result says that something was loaded.
    """
    read = {access.location.file for access in usage.accesses} | {unread.file for unread in usage.unread}
    named = {late.module for late in usage.late_imports}
    named |= {name for late in usage.late_imports for name in _with_parents(late.imported)}
    found: list[LoadedModule] = []
    others: list[LoadedModule] = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and own_code.is_own_code(file) and not name.startswith(_PROBE):
            loaded = LoadedModule(name, os.path.abspath(file))
            (found if loaded.file in read or name in named else others).append(loaded)
    missing = read.difference(module.file for module in found)
    yield from found
    yield from _behind_links(others, missing) if missing else ()
    yield from () if found else others[:1]


def _behind_links(modules: list[LoadedModule], files: set[str]) -> Iterator[LoadedModule]:
    """Modules that were loaded by another path than the one by which their file was read."""
    names = {os.path.basename(file) for file in files}
    real: dict[str, str] = {}
    for module in modules:
        if os.path.basename(module.file) in names:
            real = real or {os.path.realpath(file): file for file in files}
            path = real.get(os.path.realpath(module.file))
            if path is not None:
                yield LoadedModule(module.name, path)


def _with_parents(name: str) -> Iterator[str]:
    steps = name.split(".")
    return (".".join(steps[:end]) for end in range(1, len(steps) + 1))
