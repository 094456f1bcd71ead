"""Texts of constants of modules and classes, which name entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .roles import ReadFile

#: How many modules are followed that import a constant from each other.
_MAX_MODULES = 10


def find(module: str, constant: str, modules: Mapping[str, int], files: Sequence[ReadFile], missing: set[str]) -> str:
    """The text of a constant; empty: it is unknown.

    Args:
        module: the import path of a module, or of the package of one.
        constant: a name of the module: `KEY`, `Names.KEY`; or, of a package, `module.KEY`.
        modules: the indices of files by their import paths.
        files: what they say.
        missing: receives the import paths of modules that were not read and may have it.
    """
    for _ in range(_MAX_MODULES):
        first, _, rest = constant.partition(".")
        if rest and f"{module}.{first}" in modules:
            module, constant, first = f"{module}.{first}", rest, rest.partition(".")[0]
        if module not in modules:
            missing.update((module, f"{module}.{first}"))
            return ""
        facts = files[modules[module]].facts
        if constant in facts.constants:
            return facts.constants[constant]
        value = facts.names.get(first)
        if not isinstance(value, str):
            return ""
        module, _, moved = value.partition(":")
        constant = moved + constant[len(first) :]
    return ""
