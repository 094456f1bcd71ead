"""Inspects objects without running their code: no property, no `__getattr__`, no `__class__` that lies."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterator
from typing import Any, NamedTuple

from ...protocol.text_limits import limited

_MRO = type.__dict__["__mro__"]
_CLASS_DICT = type.__dict__["__dict__"]
_CLASS_NAME = type.__dict__["__name__"]
_MODULE = type.__dict__["__module__"]
_QUALNAME = type.__dict__["__qualname__"]
#: Descriptors that the interpreter makes for slots and for `__dict__`: reading through them runs no code of the class.
_C_DESCRIPTORS = ("member_descriptor", "getset_descriptor")

#: A key that is a longer number is written in hexadecimal.
_MAX_BITS = 1024
_POINTER = 8 if sys.maxsize > 2**32 else 4

MISSING: Any = object()

#: Classes of values that have no identity of interest: one is as good as an equal one.
#: By `id`, because a metaclass may define `__eq__` and `__hash__`.
PLAIN = frozenset(id(cls) for cls in (bool, int, float, complex, str, bytes, type(None)))


def class_name(obj: Any) -> str:
    """The unqualified name of an object's class. `type(obj).__name__` could run code of the metaclass."""
    name: str = _CLASS_NAME.__get__(type(obj))
    return name


def type_name(cls: type) -> str:
    """`module:qualname` of a class, or a builtin class's plain name, read without running code of the metaclass."""
    module = _MODULE.__get__(cls)
    name: str = _QUALNAME.__get__(cls)
    return limited(name if type(module) is not str or module == "builtins" else f"{module}:{name}")


def dotted_name(cls: type) -> str:
    """`module.qualname` of a class, as tracebacks write it, or the plain name of a builtin class."""
    return type_name(cls).replace(":", ".")


def is_plain(obj: Any) -> bool:
    """Whether an object is a number, a text, a bool or None."""
    return id(type(obj)) in PLAIN


def name_of_key(key: Any) -> str:
    """The name of an entry. Item access accepts any key: one that is not a text is written in brackets."""
    if type(key) is str:
        return str(key)
    if type(key) is int and key.bit_length() > _MAX_BITS:  # Python refuses to write it in decimal
        return f"[{key:#x}]"
    return f"[{key!r}]" if is_plain(key) else f"[<{class_name(key)}>]"


def mro(cls: type) -> tuple[type, ...]:
    """The real method resolution order of a class; empty for one of C code that was never made ready."""
    bases: tuple[type, ...] | None = _MRO.__get__(cls)
    return bases or ()


def class_attribute(cls: type, name: str) -> Any:
    """The unbound attribute that a class or one of its bases defines; `MISSING` if none does."""
    for base in mro(cls):
        members = _CLASS_DICT.__get__(base)
        if name in members:
            return members[name]
    return MISSING


class _Layout(NamedTuple):
    """Where the instances of a class keep their attributes. It never changes while the class exists.

    Attributes:
        entries: the descriptor of `__dict__`, or None.
        members: names and descriptors of the slots.
        hidden: whether instances also have data that only C code can access.
    """

    entries: Any
    members: tuple[tuple[str, Any], ...]
    hidden: bool


_layouts: dict[int, tuple[Any, _Layout]] = {}


def _layout(cls: type) -> _Layout:
    known = _layouts.get(id(cls))
    if known is not None and known[0]() is cls:
        return known[1]
    entries, members = None, []
    for base in mro(cls):
        for name, member in list(_CLASS_DICT.__get__(base).items()):
            described = class_name(member)
            if name == "__dict__" and described in _C_DESCRIPTORS:  # a member in `SimpleNamespace` and other C classes
                entries = entries or member
            elif described == "member_descriptor" and name != "__dict__":
                members.append((name, member))
    found = _Layout(entries, tuple(members), _hidden_size(cls, len(members)) > 0)
    _layouts[id(cls)] = (weakref.ref(cls), found)
    return found


def _hidden_size(cls: type, members: int) -> int:
    """Size in bytes of the part of an instance that is neither its header, `__dict__`, weak references nor slots."""
    attributes = type.__dict__
    size: int = attributes["__basicsize__"].__get__(cls) - object.__basicsize__ - _POINTER * members
    for offset in ("__dictoffset__", "__weakrefoffset__"):
        size -= _POINTER if attributes[offset].__get__(cls) > 0 else 0
    return size


def has_hidden_state(cls: type) -> bool:
    """Whether instances of a class have data besides their `__dict__` and slots, which only C code can access."""
    return _layout(cls).hidden


def instance_dict(obj: Any) -> Any:
    """The `__dict__` of an object, or None."""
    holder = _layout(type(obj)).entries
    if holder is None:
        return None
    try:
        own = holder.__get__(obj)
    except Exception:
        return None
    return own if issubclass(type(own), dict) else None


def slots(obj: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of an object's slots and of the members that C classes declare."""
    cls = type(obj)
    for name, member in _layout(cls).members:
        try:
            yield name, member.__get__(obj, cls)
        except Exception:
            continue


def instance_attribute(obj: Any, name: str) -> Any:
    """An attribute that can be read without running code, as `lookup` finds it; None if there is none."""
    value = lookup(obj, name)
    return None if value is MISSING or type(value) is ComputedAttribute else value


class ComputedAttribute:
    """An attribute that exists but is computed: reading it would run code of the application."""

    __slots__ = ()


def lookup(obj: Any, name: str) -> Any:
    """Look an attribute up in the order of `object.__getattribute__`, without running code of the application.

    Returns:
        The value, `MISSING`, or a `ComputedAttribute` if only a property or another descriptor could give the value.
    """
    cls = type(obj)
    on_class = class_attribute(cls, name)
    if on_class is not MISSING and class_name(on_class) in _C_DESCRIPTORS:
        return _through_c(on_class, obj, cls)
    if on_class is not MISSING and class_attribute(type(on_class), "__set__") is not MISSING:
        return ComputedAttribute()  # a data descriptor, such as a property, takes precedence over the instance
    own = instance_dict(obj)
    if own is not None:
        value = dict.get(own, name, MISSING)
        if value is not MISSING:
            return value
    if on_class is MISSING:
        return _of_class_object(obj, name) if issubclass(cls, type) else MISSING
    return _bound(on_class, obj, cls)


def _through_c(descriptor: Any, obj: Any, cls: type) -> Any:
    try:
        return descriptor.__get__(obj, cls)
    except AttributeError:
        return MISSING
    except Exception:
        return ComputedAttribute()


def _bound(on_class: Any, obj: Any, cls: type) -> Any:
    if class_name(on_class) in (
        "function",
        "classmethod",
        "staticmethod",
        "builtin_function_or_method",
        "method_descriptor",
    ):
        binder = class_attribute(type(on_class), "__get__")
        return on_class if binder is MISSING else binder(on_class, obj, cls)
    if class_attribute(type(on_class), "__get__") is not MISSING:
        return ComputedAttribute()
    return on_class


def _of_class_object(obj: type, name: str) -> Any:
    """An attribute of an object that is itself a class: its bases are searched too."""
    found = class_attribute(obj, name)
    if found is MISSING or class_attribute(type(found), "__get__") is MISSING:
        return found
    if class_name(found) in ("function", "classmethod", "staticmethod"):
        return class_attribute(type(found), "__get__")(found, None, obj)
    return ComputedAttribute()


#: Modules whose classes of tasks, futures and threads the application may subclass.
_STANDARD = ("_asyncio", "asyncio.futures", "asyncio.tasks", "threading")


def standard_attribute(obj: Any, name: str, default: Any = None) -> Any:
    """An attribute of a task, future or thread as the standard library defines it, whatever a subclass overrides.

    Args:
        obj: an instance of a class of the standard library, or of a subclass.
        name: the attribute; a method is bound.
        default: the result for an object of another class.
    """
    cls = type(obj)
    for base in mro(cls):
        if _MODULE.__get__(base) in _STANDARD and name in _CLASS_DICT.__get__(base):
            member = _CLASS_DICT.__get__(base)[name]
            binder = class_attribute(type(member), "__get__")
            if binder is not MISSING:
                return binder(member, obj, cls)
            return (instance_dict(obj) or {}).get(name, member)
    return default


def names(obj: Any) -> tuple[str, ...]:
    """Names of an object's attributes, found without running its code: `dir` without `__dir__` and `__getattr__`."""
    found: dict[str, None] = {}
    own = instance_dict(obj)
    for name in list(own or ()):
        if type(name) is str:
            found[name] = None
    for base in mro(type(obj)):
        for name in list(_CLASS_DICT.__get__(base)):
            found[name] = None
    return tuple(name for name in found if not name.startswith("__"))
