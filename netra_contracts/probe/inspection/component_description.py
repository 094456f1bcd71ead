"""Describes components for `netra-contracts init`: the public names of their types, and what they are wired to.

Imported only if the plan asks for it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from ...protocol.address import parse_address
from ...protocol.observed.answers import DescribedComponent
from . import own_code, signatures
from .object_ids import ObjectIds
from .safe_inspect import instance_dict, is_plain, lookup, mro, slots, type_name

#: Methods that tell a class from others.
_MAX_METHODS = 8
#: Types whose objects are shared by everything that uses an equal one.
_SHARED = ("type", "function", "builtin_function_or_method", "module", "tuple", "frozenset", "enum:Enum", "abc:ABCMeta")


def describe(components: Sequence[tuple[str, Any]], versions: ObjectIds, moment: str) -> Iterator[DescribedComponent]:
    """What contracts of components can say now.

    Args:
        components: addresses and objects.
        versions: the objects that the recorder has seen.
        moment: what now is called.
    """
    addresses: dict[int, list[str]] = {}
    for address, value in components:
        if _has_identity(value):
            addresses.setdefault(id(value), []).append(address)
    for address, value in components:
        if value is not None:
            wires, name = dict(_wires(value, addresses)), public_name(type(value))
            methods, async_methods = ((), ()) if _is_importable(name) else _methods(type(value))
            yield DescribedComponent(address, moment, name, versions.of(value), wires, methods, async_methods)


def _is_importable(name: str) -> bool:
    return "<" not in name and not name.startswith("__main__:")


def _methods(cls: type) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Public methods that a class of the application defines, and those of them that are async."""
    if not _is_of_application(cls):
        return (), ()
    functions = [(name, value) for name, value in vars(cls).items() if type(value).__name__ == "function"]
    public = [(name, value) for name, value in functions if not name.startswith("_")][:_MAX_METHODS]
    awaited = tuple(name for name, value in public if signatures.is_async(value))
    return tuple(name for name, _ in public if name not in awaited), awaited


def _has_identity(value: Any) -> bool:
    if is_plain(value):
        return False
    return not any(type_name(base) in _SHARED for base in mro(type(value)))


def _wires(holder: Any, addresses: dict[int, list[str]]) -> Iterator[tuple[str, str]]:
    """Attributes of an object that are a component; of a library's class only public ones."""
    if not _has_identity(holder):
        return
    shows_private = _is_of_application(type(holder))
    for name, value in _attributes(holder):
        if value is holder or id(value) not in addresses or not name.isidentifier() or "__" in name:
            continue
        if (shows_private or not name.startswith("_")) and lookup(holder, name) is value:
            # An entry of the application's own state before one of another state.
            yield name, min(addresses[id(value)], key=lambda address: bool(parse_address(address).prefix))


def _attributes(holder: Any) -> Iterator[tuple[str, Any]]:
    entries = instance_dict(holder)
    if type(entries) is dict:
        yield from [(name, value) for name, value in entries.items() if type(name) is str]
    yield from slots(holder)


def _is_of_application(cls: type) -> bool:
    return own_code.is_own_module(type_name(cls).partition(":")[0])


def public_name(cls: type) -> str:
    """The name of a class, as `type_name` has it, or that of a public alias.

    `_asyncio:Task` is found in `asyncio`, `httpx._client:AsyncClient` in `httpx`, and
    `sqlalchemy.ext.asyncio.engine:AsyncEngine` in `sqlalchemy.ext.asyncio`. Classes of the application keep the name of
    the module that defines them, unless that is private. `<...>` marks a name under which its module does not have it.
    """
    name = type_name(cls)
    module, colon, path = name.partition(":")
    if not colon or "." in path or "<" in path:
        return name
    steps = module.split(".")
    is_private = any(step.startswith("_") for step in [*steps, path])
    is_found = _is_found(module, path, cls)
    if is_found and not is_private and _is_of_application(cls):
        return name
    stripped = ".".join(step.lstrip("_") for step in steps)
    packages = [".".join(steps[:end]) for end in range(1, len(steps))]
    for candidate in [*packages, *([stripped] if is_private else [])]:
        if not any(step.startswith("_") or not step for step in candidate.split(".")):
            alias = _public_attribute(candidate, path, cls)
            if alias:
                return f"{candidate}:{alias}"
    return name if is_found else f"{module}:<{path}>"


def _is_found(module: str, name: str, cls: type) -> bool:
    """Whether a class is found by its name in the module that it says it is in, as far as this can be known."""
    loaded = sys.modules.get(module)
    members = {} if loaded is None else vars(loaded)
    is_open = loaded is None or "__getattr__" in members
    return members.get(name) is cls or (is_open and name not in members)


def _public_attribute(module: str, attribute: str, cls: type) -> str:
    """The public name of a class in a module that has been imported, its own if possible; empty: it has none."""
    loaded = sys.modules.get(module)
    members = {} if loaded is None else vars(loaded)
    if not attribute.startswith("_"):
        return attribute if members.get(attribute) is cls else ""
    return next((name for name, value in list(members.items()) if value is cls and not name.startswith("_")), "")
