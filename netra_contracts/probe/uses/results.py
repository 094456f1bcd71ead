"""What calls return, as far as it is known without making them."""

from __future__ import annotations

import ast
import contextlib
import inspect
import types
import typing
from collections.abc import Iterator, Sequence
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
    members = _written(annotation, function.__globals__) if type(annotation) is str else _members(annotation)
    classes = [_class_of(member) for member in members]
    return [cls for cls in classes if cls is not None] if None not in classes else ()


def _members(annotation: Any) -> list[Any]:
    """The alternatives of an annotation."""
    if typing.get_origin(annotation) is typing.Union or class_name(annotation) == "UnionType":
        return [each for member in typing.get_args(annotation) for each in _members(member)]
    return [annotation]


def _written(text: str, namespace: dict[str, Any]) -> list[Any]:
    """The alternatives of an annotation that nobody has evaluated. It is not evaluated here: names are looked up."""
    try:
        return list(_alternatives(ast.parse(text, mode="eval").body, namespace))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [MISSING]


def _alternatives(node: Any, namespace: dict[str, Any]) -> Iterator[Any]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from _alternatives(node.left, namespace)
        yield from _alternatives(node.right, namespace)
    elif isinstance(node, ast.Constant):
        yield from _written(node.value, namespace) if isinstance(node.value, str) else [node.value]
    elif isinstance(node, ast.Subscript):  # `list[int]` is a list; `Optional[int]` is more than one class
        (origin,) = _alternatives(node.value, namespace)
        yield origin if issubclass(type(origin), type) else MISSING
    else:
        yield _named(node, namespace)


def _named(node: Any, namespace: dict[str, Any]) -> Any:
    """What a name stands for in a module; `MISSING`: it is unknown, or something else than a name."""
    if isinstance(node, ast.Attribute):
        holder = _named(node.value, namespace)
        return lookup(holder, node.attr) if holder is not MISSING else MISSING
    if not isinstance(node, ast.Name):
        return MISSING
    builtins = namespace.get("__builtins__", {})
    known = builtins if isinstance(builtins, dict) else vars(builtins)
    return namespace.get(node.id, known.get(node.id, MISSING))


def _class_of(annotation: Any) -> Any:
    """The class that an annotation stands for; None: it stands for more than that."""
    if annotation is None:
        return type(None)
    cls = typing.get_origin(annotation) or annotation
    is_closed = issubclass(type(cls), type) and cls is not object and class_name(cls) in _CLOSED
    return cls if is_closed else None
