"""Follows the paths by which code uses an object, without running code of the application."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...protocol.names import nearest_name
from ..inspection import own_code
from ..inspection.safe_inspect import (
    MISSING,
    ComputedAttribute,
    class_attribute,
    class_name,
    instance_attribute,
    instance_dict,
    lookup,
    mro,
    names,
    type_name,
)
from ..inspection.test_doubles import mock_class
from .loaded_code import LoadedCode

#: Builtin classes that find attributes elsewhere. `lookup` knows how the others do.
_FORWARDING = ("method", "super", "weakproxy", "weakcallableproxy", "ProxyType", "CallableProxyType")
#: A class of the standard library that finds attributes as builtin ones do.
_NAMESPACE = "types:SimpleNamespace"
#: Packages whose models have the attributes that their classes declare.
_MODELS = ("pydantic.", "pydantic_settings.")
#: How code adds attributes to an object whose names it computes.
_DYNAMIC_WRITES = frozenset(["setattr", "__setattr__", "__dict__", "vars", "update_forward_refs"])


class UnknownError(Exception):
    """What an object has or allows cannot be known without running its code."""


class Reached(NamedTuple):
    """What a path leads to, or the first step that does not exist."""

    value: Any = None
    missing: str = ""
    near: str = ""
    holder: str = ""


def follow(obj: Any, path: str, code: LoadedCode) -> Reached:
    """Follow a path of attributes.

    Args:
        obj: the object that it begins at.
        path: names, joined by dots.
        code: what the process has loaded.

    Raises:
        UnknownError: if only code of the application could tell.
    """
    steps = path.split(".") if path else []
    for index, step in enumerate(steps):
        if obj is None and index:  # it may be set when it is needed first
            raise UnknownError
        value = lookup(obj, step)
        if value is MISSING:
            if may_have(obj, step, code):
                raise UnknownError
            return Reached(None, step, nearest_name(step, names(obj)), type_name(type(obj)))
        if type(value) is ComputedAttribute:
            if index == len(steps) - 1:
                return Reached(ComputedAttribute())
            raise UnknownError
        obj = value
    if mock_class(type(obj)):
        raise UnknownError
    return Reached(obj)


def may_have(obj: Any, name: str, code: LoadedCode) -> bool:
    """Whether an object may have an attribute that it lacks now: computed, declared, or set when it is needed."""
    cls = type(obj)
    classes = mro(cls) if not issubclass(cls, type) else (*mro(obj), *mro(cls))
    if mock_class(cls) or _computes(obj, cls):
        return True
    if class_name(obj) == "module":
        own = instance_dict(obj) or {}
        return "__getattr__" in own or "__path__" in own or code.stores(name)
    if any(_declares(each, name) for each in classes):
        return True
    return code.stores(name) or any(_stores(each, name, code) for each in classes)


def stores_itself(obj: Any, name: str, code: LoadedCode) -> bool:
    """Whether a method of an object's class, of the application's own code, stores an attribute of this name."""
    return any(_stores(cls, name, code) for cls in mro(type(obj)) if own_code.is_own_module(_module_of(cls)))


def _module_of(cls: type) -> str:
    return type_name(cls).partition(":")[0] if ":" in type_name(cls) else ""


def _computes(obj: Any, cls: type) -> bool:
    """Whether code of an object's class decides what attributes it has."""
    for base in mro(cls):
        members = type.__dict__["__dict__"].__get__(base)
        if "__getattribute__" in members and not _finds_as_usual(base):
            return True
        if "__getattr__" in members:
            if type_name(base) != "pydantic.main:BaseModel":
                return True
            return isinstance(instance_attribute(obj, "__pydantic_extra__"), dict)  # it accepts further fields
    return False


def _finds_as_usual(cls: type) -> bool:
    name = type_name(cls)
    return name == _NAMESPACE or (":" not in name and name not in _FORWARDING)


def _declares(cls: type, name: str) -> bool:
    """Whether the body of a class annotates an attribute without a value."""
    members = type.__dict__["__dict__"].__get__(cls)
    annotations = members.get("__annotations__") or members.get("__annotations_cache__")
    if isinstance(annotations, dict) and name in annotations:
        return True
    annotate = members.get("__annotate_func__")  # since Python 3.14
    return class_name(annotate) == "function" and name in annotate.__code__.co_consts


def _stores(cls: type, name: str, code: LoadedCode) -> bool:
    """Whether a method of a class stores an attribute of this name, or one whose name it computes."""
    if type_name(cls).startswith(_MODELS):
        return False
    members = dict(type.__dict__["__dict__"].__get__(cls))
    for member in members.values():
        function: Any = getattr(member, "__func__", member) if class_name(member) in _METHODS else member
        if class_name(function) == "function" and not _is_generated(function, members):
            known = set(function.__code__.co_names)
            if not known.isdisjoint(_DYNAMIC_WRITES) or code.is_stored_by(function.__code__, name):
                return True
    return False


def _is_generated(function: Any, members: dict[str, Any]) -> bool:
    """Whether a method of a class was made by `dataclass`, or is one of protocols: these store declared attributes."""
    made = function.__code__.co_filename == "<string>" and "__dataclass_fields__" in members
    return made or function.__module__ in _GENERATORS


_METHODS = ("classmethod", "staticmethod")
#: Modules of functions that become methods of dataclasses, of protocols and of generic classes.
_GENERATORS = ("dataclasses", "typing", "typing_extensions")


def has_special(cls: type, *names: str) -> bool:
    """Whether a class has one of some special methods, which the interpreter looks up on the class alone."""
    members = [class_attribute(cls, name) for name in names]
    return any(member is not MISSING and member is not None for member in members)
