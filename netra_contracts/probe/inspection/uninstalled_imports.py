"""Imports of netra-contracts by the application, in an environment in which it is not installed."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution

from ...protocol.location import Location
from ...protocol.observed.observation import UninstalledImport
from . import import_guards, source_locations


def unhandled(sites: Iterable[tuple[tuple[str, int, str], ...]]) -> tuple[UninstalledImport, ...]:
    """The imports whose failure nothing in the application would handle, the first of each module.

    Imports from files that cannot be read are left out: whether they are guarded is unknown.

    Args:
        sites: for each import the lines that lead to it, innermost first, each with its module.
    """
    if _is_installed():
        return ()
    trees: dict[str, ast.Module | None] = {}
    found: dict[str, UninstalledImport] = {}
    for lines in sites:
        for file, _, _ in lines:
            if file not in trees:
                trees[file] = import_guards.read_source(file)
        file, line, module = lines[0]
        if trees[file] is None or any(_is_guarded(trees[other], at) for other, at, _ in lines):
            continue
        location = Location(source_locations.absolute(file), line)
        found.setdefault(file, UninstalledImport(module, location))
    return tuple(found.values())


def _is_guarded(tree: ast.Module | None, line: int) -> bool:
    return tree is not None and import_guards.is_guarded(tree, line)


def _is_installed() -> bool:
    """Whether the environment has the distribution, even if its package cannot be imported from there."""
    try:
        distribution("netra-contracts")
    except PackageNotFoundError:
        return False
    return True
