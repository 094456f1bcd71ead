"""Versions of objects: names that stay the same for as long as it is the same object."""

from __future__ import annotations

import weakref
from typing import Any

from .safe_inspect import is_plain


class ObjectIds:
    """Numbers objects in the order in which they are first seen. Holds weak references where the object allows it."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, str]] = {}
        self._count = 0

    def of(self, value: Any) -> str:
        """The version of an object, a new one if it was not seen before; empty for plain values."""
        if is_plain(value):
            return ""
        known = self.known(value)
        if known:
            return known
        self._count += 1
        version = f"v{self._count}"
        try:
            reference: Any = weakref.ref(value)
        except TypeError:
            reference = value
        self._known[id(value)] = (reference, version)
        return version

    def known(self, value: Any) -> str:
        """The version of an object that was seen before; empty for any other."""
        entry = self._known.get(id(value))
        if entry is None:
            return ""
        reference, version = entry
        alive = reference() if type(reference) is weakref.ReferenceType else reference
        return version if alive is value else ""

    def alive(self) -> dict[str, Any]:
        """The objects that still exist, by version."""
        found = {}
        for reference, version in list(self._known.values()):
            value = reference() if type(reference) is weakref.ReferenceType else reference
            if value is not None:
                found[version] = value
        return found
