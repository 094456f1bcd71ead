"""Programs that import the target and may set entries before they serve it, such as its command line.

The target is loaded without them. That they write an entry says that it is not always missing.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from ...protocol.source_usage import SourceUsage, StateAccess

#: The largest file that is parsed, in bytes, and the largest number of files.
_MAX_BYTES, _MAX_FILES = 1 << 20, 20


def launchers(usage: SourceUsage, target: str, names: Iterable[str], loaded: set[str]) -> tuple[str, ...]:
    """Names of modules that are not loaded, write one of some entries, and import the target's module.

    Args:
        usage: what the sources say.
        target: import path of the target's module.
        names: of entries that nothing has set.
        loaded: files of loaded modules.
    """
    wanted = set(names)
    writers: dict[str, StateAccess] = {}
    for access in usage.accesses:
        may_set = access.kind == "dynamic-write" or (access.kind == "write" and access.name in wanted)
        if wanted and may_set and access.location.file not in loaded:
            writers.setdefault(access.location.file, access)
    found = (each.module for each in list(writers.values())[:_MAX_FILES] if _imports(each, target))
    return tuple(dict.fromkeys(found))


def _imports(access: StateAccess, target: str) -> bool:
    """Whether the file of an access imports a module, or something of a package that contains it."""
    file = access.location.file
    try:
        with open(file, "rb") as source:
            tree = ast.parse(source.read(_MAX_BYTES))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    package = access.module if file.endswith("__init__.py") else access.module.rpartition(".")[0]
    imported = (name for node in ast.walk(tree) for name in _imported_by(node, package))
    return any(name == target or (target.startswith(f"{name}.") and name in sys.modules) for name in imported)


def _imported_by(node: Any, package: str) -> Iterator[str]:
    """The modules that a statement imports; for a name that may be no module, also the one that it is taken from."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        module = ".".join(filter(None, [*parents, node.module]))
        for alias in node.names:
            name = f"{module}.{alias.name}"
            yield name if name in sys.modules else module
            yield name
