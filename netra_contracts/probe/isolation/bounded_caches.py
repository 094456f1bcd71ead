"""Recognises containers that remove old entries when they are full, such as an LRU cache."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

from ..inspection import object_graph
from ..inspection.safe_inspect import class_name, instance_dict, mro, type_name
from .evictions import Evictions

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
_IS_HEAP_TYPE = 1 << 9


class BoundedCaches:
    """Decides whether a container is limited in size, and caches what it found out about classes.

    Args:
        evictions: the functions that remove entries.
    """

    def __init__(self, evictions: Evictions) -> None:
        self._evictions = evictions
        self._classes: dict[int, tuple[type, list[Any]]] = {}
        self._known: dict[tuple[int, str], bool] = {}

    def limits_itself(self, node: Any) -> bool:
        """Whether an object is a cache of a known class with a limit, or of a class whose own code enforces one."""
        cls = type(node)
        if issubclass(cls, deque) and _MAXLEN.__get__(node) is not None:
            return True
        if class_name(node) == "_lru_cache_wrapper":
            return cls.cache_info(node).maxsize is not None  # a method of the C class
        for base in mro(cls):
            attribute = _LIMITS.get(type_name(base))
            if attribute is not None:
                limit: Any = (instance_dict(node) or {}).get(attribute)
                return type(limit) in (int, float) and not math.isinf(limit)
        return issubclass(cls, object_graph.CONTAINERS) and cls.__flags__ & _IS_HEAP_TYPE != 0 and self.limits(node, "")

    def limits(self, owner: Any, attribute: str) -> bool:
        """Whether the code of an object's class, or other code, removes old entries of the container in an attribute.

        Args:
            owner: the object.
            attribute: the attribute; empty: the object is the container.
        """
        cls = type(owner)
        known = self._known.get((id(cls), attribute))
        if known is None:
            methods = self._methods(cls)
            is_cache = any(type_name(base) in _LIMITS for base in mro(cls))  # its own code does not limit it
            known = not is_cache and (
                self._evictions.by_method(methods, attribute) or bool(attribute and self.limits_name(attribute))
            )
            self._known[id(cls), attribute] = known
        return known

    def limits_in(self, namespace: dict[str, Any], name: str) -> bool:
        """Whether functions remove old entries of a variable of a module, or of an attribute of a class."""
        return self._evictions.by_method(namespace.values(), name) or self.limits_name(name)

    def limits_name(self, name: str) -> bool:
        """Whether a function removes old entries of a container that it reaches by this name."""
        known = self._known.get((0, name))
        if known is None:
            known = self._known[0, name] = self._evictions.by_name(name)
        return known

    def _methods(self, cls: type) -> list[Any]:
        known = self._classes.get(id(cls))
        if known is None:
            methods = [value for base in mro(cls) for value in list(_CLASS_DICT.__get__(base).values())]
            known = self._classes[id(cls)] = cls, methods  # keeps the class alive, so that no other gets its id
            if self._evictions.add(methods):
                self._known.clear()
        return known[1]
