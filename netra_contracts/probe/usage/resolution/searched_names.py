"""Names by which files without the word `state` use what other files define, and the search for them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..syntax.source_text import Wanted
from .resolution import Resolution
from .roles import ReadFile

#: A name, and one that a file must contain as well that uses it: of the module that it is imported from, or its class.
Name = tuple[str, str]
_ROLES = frozenset(["entry", "state", "app"])


def names_to_search(resolution: Resolution) -> Iterator[Name]:
    """Names of functions, annotations and classes that lead to a state."""
    for number, file in enumerate(resolution.files):
        module = file.source.module
        last = module.rpartition(".")[2]
        for function in file.facts.functions[1:]:
            is_called = not function.is_endpoint and "<locals>" not in function.name
            if function.returns and is_called and _leads_to_state(resolution, f"{module}:{function.name}"):
                yield _name_of(function.name, last)
        for name, value in file.facts.aliases.items():
            role = resolution.value(number, value)
            if role is not None and role.kind in _ROLES:
                yield name, last
        for name, value in file.facts.provided.items():
            role = resolution.value(number, value)
            if role is not None and role.kind == "function" and _leads_to_state(resolution, role.name):
                yield name, "litestar"
        yield from _classes(resolution, file)
        if file.source.is_package:
            yield from _passed_on(resolution, number, last)


def _leads_to_state(resolution: Resolution, function: str) -> bool:
    if not resolution.is_function(function):
        return False
    role = resolution.result(function, unwrapped=True)
    return role is not None and role.kind in _ROLES


def _classes(resolution: Resolution, file: ReadFile) -> Iterator[Name]:
    """Classes whose instances are applications, requests or states."""
    module = file.source.module
    for name in file.facts.classes:
        role = resolution.instance(f"{module}:{name}")
        if role is not None and (role.kind != "instance" or resolution.derives_from_framework(role.name)):
            yield name.rpartition(".")[2], module.rpartition(".")[2]


def _name_of(function: str, module: str) -> Name:
    owner, _, name = function.rpartition(".")
    owner = owner.rpartition(".")[2]
    if name == "__call__":
        return owner, module
    return name, owner or module


def _passed_on(resolution: Resolution, number: int, module: str) -> Iterator[Name]:
    """What a package imports, so that others may import it from there."""
    for name, value in resolution.files[number].facts.names.items():
        role = resolution.symbol(value) if isinstance(value, str) and ":" in value else None
        is_function = role is not None and role.kind == "function" and not name.startswith("*")
        if is_function and role is not None and _leads_to_state(resolution, role.name):
            yield name, module


def mentions_names(names: frozenset[Name]) -> Wanted:
    """A search for any of these names."""
    words = b"|".join(re.escape(name.encode()) for name in sorted({name for name, _ in names}))
    pattern = re.compile(rb"\b(?:%s)\b" % words)
    beside: dict[bytes, list[bytes]] = {}
    for name, other in sorted(names):
        beside.setdefault(name.encode(), []).append(other.encode())
    others = sorted({other.encode() for _, other in names})

    def is_mentioned(text: bytes) -> bool:
        if not any(other in text for other in others):
            return False
        return any(any(other in text for other in beside[name]) for name in set(pattern.findall(text)))

    return is_mentioned


def look_for_constants(resolution: Resolution) -> None:
    """Have `Resolution.missing` name the modules whose constants are names of entries."""
    for number, file in enumerate(resolution.files):
        for index, step in enumerate(file.facts.steps):
            if step.name.startswith("="):
                resolution.role(number, index)
