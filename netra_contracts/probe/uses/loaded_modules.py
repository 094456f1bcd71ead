"""Which of the target's modules are loaded, of those that matter for what the sources say."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from ...protocol.source_usage import LoadedModule, SourceUsage
from ..inspection import own_code
from ..inspection.safe_inspect import instance_dict

#: The private name of this package.
_PROBE = "_netra_contracts"


def loaded_modules(usage: SourceUsage) -> Iterator[LoadedModule]:
    """The loaded modules that have accesses, could not be read, or are named by imports; a file as it was read.

    If there are none, it is all modules of the target, so that the result says that something was loaded.
    """
    read = {access.location.file for access in usage.accesses} | {unread.file for unread in usage.unread}
    named = {late.module for late in usage.late_imports}
    named |= {name for late in usage.late_imports for name in _with_parents(late.imported)}
    # Not `getattr`: a module may be any object, and may have a `__getattr__` that raises.
    files = {name: (instance_dict(module) or {}).get("__file__") for name, module in list(sys.modules.items())}
    modules = [LoadedModule(name, file) for name, file in files.items() if type(file) is str]
    found = [module for module in modules if module.file in read or module.name in named]
    found = [module for module in found if _is_own(module)]
    missing = read.difference(module.file for module in found)
    found.extend(_by_other_paths(modules, missing) if missing else ())
    yield from found or filter(_is_own, modules)


def _is_own(module: LoadedModule) -> bool:
    return own_code.is_own_code(module.file) and not module.name.startswith(_PROBE)


def _by_other_paths(modules: list[LoadedModule], files: set[str]) -> Iterator[LoadedModule]:
    """Modules that were loaded by another path than the one by which their file was read, as behind a link."""
    names = {os.path.basename(file) for file in files}
    real: dict[str, str] = {}
    for module in modules:
        if os.path.basename(module.file) in names and module.file not in files and _is_own(module):
            real = real or {os.path.realpath(file): file for file in files}
            path = real.get(os.path.realpath(module.file))
            if path is not None:
                yield LoadedModule(module.name, path)


def _with_parents(name: str) -> Iterator[str]:
    steps = name.split(".")
    return (".".join(steps[:end]) for end in range(1, len(steps) + 1))
