"""Looks at objects without running their code: no property, no `__getattr__`, no `__class__` that claims things."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterator
from typing import Any, NamedTuple

_MRO = type.__dict__["__mro__"]
_CLASS_DICT = type.__dict__["__dict__"]
_CLASS_NAME = type.__dict__["__name__"]
#: Descriptors that the interpreter makes for slots and for `__dict__`: reading through them runs no code of the class.
_C_DESCRIPTORS = ("member_descriptor", "getset_descriptor")

_POINTER = 8 if sys.maxsize > 2**32 else 4

MISSING: Any = object()


def kind_name(thing: Any) -> str:
    """The plain name of an object's class. `type(thing).__name__` would ask the metaclass."""
    name: str = _CLASS_NAME.__get__(type(thing))
    return name


def mro(kind: type) -> tuple[type, ...]:
    """A class's real bases."""
    bases: tuple[type, ...] = _MRO.__get__(kind)
    return bases


def class_attribute(kind: type, name: str) -> Any:
    """What a class or its bases define under a name, not bound to anything; `MISSING` if nothing."""
    for base in mro(kind):
        members = _CLASS_DICT.__get__(base)
        if name in members:
            return members[name]
    return MISSING


class _Layout(NamedTuple):
    """Where instances of a class keep what they hold; never changes while the class lives.

    `entries` is the descriptor of `__dict__`, `members` are slots with their names. `hidden` says whether there is
    more, which only C code sees.
    """

    entries: Any
    members: tuple[tuple[str, Any], ...]
    hidden: bool


_layouts: dict[int, tuple[Any, _Layout]] = {}


def _layout(kind: type) -> _Layout:
    known = _layouts.get(id(kind))
    if known is not None and known[0]() is kind:
        return known[1]
    entries, members = None, []
    for base in mro(kind):
        for name, member in list(_CLASS_DICT.__get__(base).items()):
            described = kind_name(member)
            if name == "__dict__" and described in _C_DESCRIPTORS:  # a member in `SimpleNamespace` and other C classes
                entries = entries or member
            elif described == "member_descriptor" and name != "__dict__":
                members.append((name, member))
    found = _Layout(entries, tuple(members), _hidden_size(kind, len(members)) > 0)
    _layouts[id(kind)] = (weakref.ref(kind), found)
    return found


def _hidden_size(kind: type, members: int) -> int:
    """Bytes of an instance that belong neither to any object, nor to its `__dict__`, weak references or slots."""
    attributes = type.__dict__
    size: int = attributes["__basicsize__"].__get__(kind) - object.__basicsize__ - _POINTER * members
    for offset in ("__dictoffset__", "__weakrefoffset__"):
        size -= _POINTER if attributes[offset].__get__(kind) > 0 else 0
    return size


def has_hidden_state(kind: type) -> bool:
    """Whether instances of a class have more than their `__dict__` and slots: what C code keeps for itself."""
    return _layout(kind).hidden


def instance_dict(thing: Any) -> Any:
    """An object's own `__dict__`, or None."""
    holder = _layout(type(thing)).entries
    if holder is None:
        return None
    try:
        own = holder.__get__(thing)
    except Exception:
        return None
    return own if issubclass(type(own), dict) else None


def slots(thing: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of an object's slots, and of the members that C classes declare."""
    kind = type(thing)
    for name, member in _layout(kind).members:
        try:
            yield name, member.__get__(thing, kind)
        except Exception:
            continue


def instance_attribute(thing: Any, name: str) -> Any:
    """An attribute that the object itself keeps, in its `__dict__` or a slot; None if it keeps none."""
    value = lookup(thing, name)
    return None if value is MISSING or type(value) is ComputedAttribute else value


class ComputedAttribute:
    """An attribute that is there but computed: reading it would run `descriptor`."""

    __slots__ = ("descriptor",)

    def __init__(self, descriptor: Any) -> None:
        self.descriptor = descriptor


def lookup(thing: Any, name: str) -> Any:
    """An attribute, found the way `object.__getattribute__` finds it but without running code of the application.

    Gives `MISSING`, the value, or `Described` where only a property or another descriptor could tell.
    """
    kind = type(thing)
    on_class = class_attribute(kind, name)
    if on_class is not MISSING and kind_name(on_class) in _C_DESCRIPTORS:
        return _through_c(on_class, thing, kind)
    if on_class is not MISSING and class_attribute(type(on_class), "__set__") is not MISSING:
        return ComputedAttribute(on_class)  # a data descriptor, e.g. a property, goes before the instance's own entry
    own = instance_dict(thing)
    if own is not None:
        value = dict.get(own, name, MISSING)
        if value is not MISSING:
            return value
    if on_class is MISSING:
        return _of_class_object(thing, name) if issubclass(kind, type) else MISSING
    return _bound(on_class, thing, kind)


def _through_c(descriptor: Any, thing: Any, kind: type) -> Any:
    try:
        return descriptor.__get__(thing, kind)
    except AttributeError:
        return MISSING
    except Exception:
        return ComputedAttribute(descriptor)


def _bound(on_class: Any, thing: Any, kind: type) -> Any:
    if kind_name(on_class) in (
        "function",
        "classmethod",
        "staticmethod",
        "builtin_function_or_method",
        "method_descriptor",
    ):
        binder = class_attribute(type(on_class), "__get__")
        return on_class if binder is MISSING else binder(on_class, thing, kind)
    if class_attribute(type(on_class), "__get__") is not MISSING:
        return ComputedAttribute(on_class)
    return on_class


def _of_class_object(thing: type, name: str) -> Any:
    """The object is a class itself: its bases count."""
    found = class_attribute(thing, name)
    if found is MISSING or class_attribute(type(found), "__get__") is MISSING:
        return found
    if kind_name(found) in ("function", "classmethod", "staticmethod"):
        return class_attribute(type(found), "__get__")(found, None, thing)
    return ComputedAttribute(found)


def names(thing: Any) -> tuple[str, ...]:
    """Names of the attributes that an object has without running its code: what `dir` would say of an honest one."""
    found: dict[str, None] = {}
    own = instance_dict(thing)
    for name in list(own or ()):
        if type(name) is str:
            found[name] = None
    for base in mro(type(thing)):
        for name in list(_CLASS_DICT.__get__(base)):
            found[name] = None
    return tuple(name for name in found if not name.startswith("__"))
