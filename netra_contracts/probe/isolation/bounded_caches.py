"""Recognises containers that remove old entries when they are full, such as an LRU cache."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from ..inspection.safe_inspect import class_name, instance_dict, mro, type_name

_CLASS_DICT = type.__dict__["__dict__"]
#: Read through the base class: a subclass may define its own.
_MAXLEN = deque.__dict__["maxlen"]
#: Classes of caches, and the attribute that contains their limit. None or infinity: unlimited.
_LIMITS = {
    "cachetools:Cache": "_Cache__maxsize",
    "cacheout.cache:Cache": "maxsize",
    "async_lru:_LRUCacheWrapper": "_LRUCacheWrapper__maxsize",
    "aiocache.backends.memory:SimpleMemoryCache": "maxsize",
}
#: Names that a function uses which removes the oldest entry of a container: one of these sets, and `len`.
_REMOVALS = ({"popitem"}, {"popleft"}, {"next", "iter"})


class BoundedCaches:
    """Decides whether a container is limited in size, and caches what it found out about classes."""

    def __init__(self) -> None:
        self._functions: dict[int, tuple[Any, list[frozenset[str]]]] = {}

    def limits_itself(self, node: Any) -> bool:
        """Whether an object is a cache of a known class with a limit, or of a class whose own code enforces one."""
        cls = type(node)
        if issubclass(cls, deque):
            return _MAXLEN.__get__(node) is not None
        if class_name(node) == "_lru_cache_wrapper":
            return cls.cache_info(node).maxsize is not None  # a method of the C class
        for base in mro(cls):
            attribute = _LIMITS.get(type_name(base))
            if attribute is not None:
                limit: Any = (instance_dict(node) or {}).get(attribute)
                return type(limit) in (int, float) and not math.isinf(limit)
        return issubclass(cls, (dict, list, set)) and cls.__flags__ & 1 << 9 != 0 and self._evicts(cls, "")

    def limits(self, owner: Any, attribute: str) -> bool:
        """Whether the methods of an object remove old entries of the container in one of its attributes."""
        return self._evicts(type(owner), attribute)

    def _evicts(self, cls: type, attribute: str) -> bool:
        known = self._functions.get(id(cls))
        if known is None:
            namespaces = [_CLASS_DICT.__get__(base) for base in mro(cls)]
            functions = [names for namespace in namespaces for names in _names_by_function(namespace.values())]
            known = self._functions[id(cls)] = cls, functions  # keeps the class alive, so that no other gets its id
        return any_evicts(known[1], attribute)


def any_evicts(functions: Iterable[frozenset[str]], variable: str) -> bool:
    """Whether one of some functions, given by the names that it uses, removes old entries of a variable."""
    return any(
        "len" in names and (not variable or variable in names) and any(removal <= names for removal in _REMOVALS)
        for names in functions
    )


def names_in_namespace(namespace: dict[str, Any]) -> list[frozenset[str]]:
    """The names that each function of a module or class uses, and those that methods of a module's classes use."""
    values = list(namespace.values())
    methods = (
        value
        for cls in values
        if issubclass(type(cls), type) and _CLASS_DICT.__get__(cls).get("__module__") == namespace.get("__name__", "")
        for value in _CLASS_DICT.__get__(cls).values()
    )
    return list(_names_by_function([*values, *methods]))


def _names_by_function(values: Iterable[Any]) -> Iterator[frozenset[str]]:
    for value in list(values):
        function = value.__func__ if class_name(value) in ("staticmethod", "classmethod") else value
        if class_name(function) == "function":
            code = function.__code__
            yield frozenset((*code.co_names, *code.co_freevars))
