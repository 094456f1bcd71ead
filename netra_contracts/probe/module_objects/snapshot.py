"""What the application's modules refer to at one moment. No object is kept alive, and none is looked into."""

from __future__ import annotations

import sys
import weakref
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterator, Mapping
from types import BuiltinFunctionType, FunctionType, GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import Any, NamedTuple

from ..inspection import own_code

_CLASS_DICT = type.__dict__["__dict__"]
_MODULE = type.__dict__["__module__"]
#: Classes of what most names refer to, by `id`, because a metaclass may define `__eq__` and `__hash__`.
_COMMON = frozenset(
    id(cls)
    for cls in (
        *(bool, int, float, complex, str, bytes, tuple, frozenset, classmethod, staticmethod, property),
        *(FunctionType, BuiltinFunctionType, ModuleType, GetSetDescriptorType, MemberDescriptorType),
    )
)
#: Containers whose number of entries is compared.
CONTAINERS = frozenset(map(id, (dict, list, set, OrderedDict, defaultdict, deque)))


class ModuleEntry(NamedTuple):
    """An object that a module refers to.

    Attributes:
        path: the name of a global, or `Class.name`.
        value: the object, or None.
    """

    module: ModuleType
    path: str
    value: Any


class SeenObject(NamedTuple):
    """An object, as it was at the moment of a snapshot.

    Attributes:
        reference: a weak reference; None: the object allows none.
        size: the number of entries of a container; -1: it is none.
    """

    id: int
    reference: Any
    size: int

    def was(self, value: Any) -> bool:
        """Whether it is this object."""
        return self.id == id(value) and (self.reference is None or self.reference() is value)


def own_modules() -> Iterator[ModuleType]:
    """The modules of the application that have been imported, in the order in which their imports began. Each once."""
    for name, module in list(sys.modules.items()):
        if type(module) is ModuleType and type(name) is str and vars(module).get("__name__") == name:
            file = vars(module).get("__file__")
            if type(file) is str and own_code.is_own_code(file):
                yield module


def entries_of(module: ModuleType, *, with_none: bool = True) -> list[ModuleEntry]:
    """The objects and the None that a module and its classes refer to, without functions, constants and the like."""
    common = _COMMON if with_none else _COMMON | {id(type(None))}
    found, classes = [], []
    for name, value in _uncommon(vars(module), common):
        if not issubclass(type(value), type):
            found.append(ModuleEntry(module, name, value))
        elif _MODULE.__get__(value) == module.__name__:
            classes.append((name, _CLASS_DICT.__get__(value)))
    for name, members in classes:
        found += [ModuleEntry(module, f"{name}.{path}", value) for path, value in _uncommon(members, common)]
    return [entry for entry in found if not _is_special(entry.path)]


def _uncommon(namespace: Mapping[str, Any], common: frozenset[int]) -> list[tuple[str, Any]]:
    """The members of a namespace that are of no common class: of most classes there are none."""
    values = list(namespace.values())
    if common.issuperset(map(id, map(type, values))):
        return []
    return [(name, value) for name, value in zip(list(namespace), values) if id(type(value)) not in common]


def _is_special(path: Any) -> bool:
    return type(path) is not str or (path.endswith("__") and path.rpartition(".")[2].startswith("__"))


class Snapshot:
    """The objects of the application's modules, by module and path."""

    def __init__(self) -> None:
        self._seen = {
            (entry.module.__name__, entry.path): _see(entry.value)
            for module in own_modules()
            for entry in entries_of(module, with_none=False)
        }

    def get(self, entry: ModuleEntry) -> SeenObject | None:
        """What was at the place of an entry; None: nothing, or None."""
        return self._seen.get((entry.module.__name__, entry.path))


def _see(value: Any) -> SeenObject:
    if id(type(value)) in CONTAINERS:
        return SeenObject(id(value), None, len(value))
    try:
        return SeenObject(id(value), weakref.ref(value), -1)
    except TypeError:
        return SeenObject(id(value), None, -1)
