"""What calls return, as far as it is known without making them."""

from __future__ import annotations

import contextlib
import inspect
import types
import typing
from collections.abc import Sequence
from typing import Any

from ..inspection.safe_inspect import MISSING, class_attribute, class_name, instance_dict, lookup, mro

#: The class of what a function returns, by the flag of its code.
_BY_FLAG: dict[int, type] = {
    inspect.CO_COROUTINE: types.CoroutineType,
    inspect.CO_ASYNC_GENERATOR: types.AsyncGeneratorType,
    inspect.CO_GENERATOR: types.GeneratorType,
}
#: Metaclasses of classes whose subclasses seldom allow what they do not.
_CLOSED = ("type", "EnumMeta", "EnumType", "ModelMetaclass")


def function_of(value: Any) -> Any:
    """The function of a function or a bound method; None: it is neither."""
    function = value.__func__ if class_name(value) == "method" else value
    return function if class_name(function) == "function" else None


def is_plain_class(cls: Any) -> bool:
    """Whether instances of a class are made by an `__init__` of Python code alone."""
    plain_meta = class_attribute(type(cls), "__call__") is class_attribute(type, "__call__")
    initialise, new = class_attribute(cls, "__init__"), class_attribute(cls, "__new__")
    is_plain = plain_meta and class_name(initialise) == "function" and new is class_attribute(object, "__new__")
    described = any("__signature__" in type.__dict__["__dict__"].__get__(base) for base in mro(cls))
    return is_plain and not described and "__wrapped__" not in initialise.__dict__


def result_classes(value: Any) -> Sequence[type]:
    """The classes that the result of a call may have; empty: unknown."""
    if issubclass(type(value), type):
        return (value,) if is_plain_class(value) else ()
    function = function_of(value)
    if function is None:
        return ()
    wrapped = (instance_dict(function) or {}).get("__wrapped__", MISSING)
    code = function.__code__
    if code.co_filename == contextlib.__file__:
        return _of_context_manager(wrapped)
    if code.co_flags & inspect.CO_ITERABLE_COROUTINE:
        return ()
    for flag, cls in _BY_FLAG.items():
        if code.co_flags & flag:
            return (cls,)
    return _of_annotation(function) if wrapped is MISSING else ()


def _of_context_manager(wrapped: Any) -> Sequence[type]:
    """What the functions that `contextlib` makes return."""
    managers: Any = contextlib
    if inspect.isasyncgenfunction(wrapped):
        return (managers._AsyncGeneratorContextManager,)
    return (managers._GeneratorContextManager,) if inspect.isgeneratorfunction(wrapped) else ()


def _of_annotation(function: Any) -> Sequence[type]:
    """The classes that the return annotation of a function names, if none of them has open subclasses."""
    annotation = function.__annotations__.get("return", MISSING)
    if type(annotation) is str:
        members = [_named(part.strip(), function.__globals__) for part in annotation.strip("'\"").split("|")]
    elif typing.get_origin(annotation) is typing.Union or class_name(annotation) == "UnionType":
        members = list(typing.get_args(annotation))
    else:
        members = [annotation]
    classes = [_class_of(member) for member in members]
    return [cls for cls in classes if cls is not None] if None not in classes else ()


def _named(text: str, namespace: dict[str, Any]) -> Any:
    """What a dotted name stands for in a module; `MISSING`: it is more than that, or unknown."""
    first, *steps = text.split(".")
    builtins = namespace.get("__builtins__", {})
    value = namespace.get(first, MISSING)
    if value is MISSING:
        value = (builtins if isinstance(builtins, dict) else vars(builtins)).get(first, MISSING)
    for step in steps:
        value = lookup(value, step) if value is not MISSING else MISSING
    return None if text == "None" else value


def _class_of(annotation: Any) -> Any:
    """The class that an annotation stands for; None: it stands for more than that."""
    if annotation is None:
        return type(None)
    cls = typing.get_origin(annotation) or annotation
    is_closed = issubclass(type(cls), type) and cls is not object and class_name(cls) in _CLOSED
    return cls if is_closed else None
