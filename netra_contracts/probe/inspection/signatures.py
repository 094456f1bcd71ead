"""Checks whether a callable accepts a call of a given shape, without calling it."""

from __future__ import annotations

import ast
import inspect
import re
import typing
from typing import Any, Literal, NamedTuple

from .safe_inspect import MISSING, class_attribute, class_name


class CallShape(NamedTuple):
    """The arguments of a call: number of required and optional positional ones, and names of keywords."""

    required: int
    optional: int
    keywords: tuple[str, ...]
    optional_keywords: tuple[str, ...]


def parse_shape(signature: str) -> CallShape:
    """Parse a signature such as `(event, data, *, urgent=False)`."""
    function = ast.parse(f"def _{signature}: ...").body[0]
    arguments: Any = function.args  # type: ignore[attr-defined]  # it is a function definition
    positional = [*arguments.posonlyargs, *arguments.args]
    optional = len(arguments.defaults)
    keywords = list(zip(arguments.kwonlyargs, arguments.kw_defaults))
    return CallShape(
        len(positional) - optional,
        optional,
        tuple(argument.arg for argument, default in keywords if default is None),
        tuple(argument.arg for argument, default in keywords if default is not None),
    )


def refusal(function: Any, shape: CallShape, *, follow_wrapped: bool = True) -> str | None:
    """Why a callable does not accept a call of this shape. Empty: it does; None: its signature is unknown.

    Args:
        function: the callable.
        shape: of the call.
        follow_wrapped: whether a function that wraps another one accepts what that one does.
    """
    try:
        signature = inspect.signature(function, follow_wrapped=follow_wrapped)
    except (TypeError, ValueError):
        return None
    except Exception:
        return None
    calls: list[tuple[int, tuple[str, ...]]] = [(shape.required, shape.keywords)]
    if shape.optional or shape.optional_keywords:
        calls.append((shape.required + shape.optional, shape.keywords + shape.optional_keywords))
    for count, keywords in calls:
        try:
            signature.bind(*[None] * count, **dict.fromkeys(keywords))
        except TypeError as error:
            return f"{error} (its parameters are {_parameters(signature)})"
    return ""


def _parameters(signature: inspect.Signature) -> str:
    """The names of the parameters, without defaults: those are values of the application."""
    shown = []
    for parameter in signature.parameters.values():
        star = "*" if parameter.kind is parameter.VAR_POSITIONAL else ""
        star = "**" if parameter.kind is parameter.VAR_KEYWORD else star
        shown.append(f"{star}{parameter.name}" + ("=..." if parameter.default is not parameter.empty else ""))
    return "(" + ", ".join(shown) + ")"


def accepts_all_calls_of(function: Any, asked: Any) -> str:
    """Why a bound callable does not accept the calls that a protocol's method allows; empty if it does.

    Args:
        function: the bound callable.
        asked: the method of the protocol, with `self`.
    """
    if not callable(function):
        return "it is not callable"
    try:
        parameters = list(inspect.signature(asked).parameters.values())[1:]
    except (TypeError, ValueError):
        return ""
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    keywords = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    shape = CallShape(
        sum(p.default is p.empty for p in positional),
        sum(p.default is not p.empty for p in positional),
        tuple(p.name for p in keywords if p.default is p.empty),
        tuple(p.name for p in keywords if p.default is not p.empty),
    )
    return refusal(function, shape) or _async_mismatch(function, asked)


def _async_mismatch(function: Any, asked: Any) -> str:
    """Why a callable does not return what a protocol's method declares; empty if it does or may."""
    if inspect.iscoroutinefunction(asked) and is_async(function) is False:
        return "it is not async"
    if _annotation_is_awaitable(asked) is False and not inspect.iscoroutinefunction(asked):
        return "it is async" if inspect.iscoroutinefunction(function) else ""
    return ""


def is_async(function: Any) -> bool | None:
    """Whether the result of a call can be awaited, or used with `async for` or `async with`.

    A coroutine function can, also behind wrappers, and a function whose return annotation or documentation says so.
    Those that `redis.Redis` and `redis.asyncio.Redis` share are annotated with both: what they call decides. A function
    cannot if it returns only constants, or if its annotation excludes it. The result for other functions is None:
    unknown.
    """
    owner: Any = None
    for _ in range(8):
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            return True
        name = class_name(function)
        if name == "partial":
            function = function.func
        elif name == "method":
            owner = function.__self__
            function = function.__func__
        elif name == "function" and "__wrapped__" in function.__dict__ and not _returns_constants(function):
            function = function.__dict__["__wrapped__"]
        elif name == "function":
            return _returns_awaitable(function, owner)
        elif name not in _C_CALLABLES and not isinstance(function, type):
            function = getattr(type(function), "__call__", None)  # noqa: B004 - the method itself is needed
        else:
            return _class_is_awaitable(function) if isinstance(function, type) else None
    return None


_C_CALLABLES = ("builtin_function_or_method", "method_descriptor", "wrapper_descriptor", "method-wrapper", "NoneType")

#: Names in annotations, written as strings, of what can be awaited or used with `async`.
_AWAITABLE_NAMES = re.compile(r"\b(Awaitable|Coroutine|Future|Task|Async\w+)\b")
#: Documentation that says what a call returns; a negation excludes it.
_DOCUMENTED = re.compile(r"(?<!not )(?<!not a )(?<!not an )\b(awaitable|coroutine)\b", re.IGNORECASE)


def _returns_awaitable(function: Any, owner: Any) -> bool | None:
    """Whether a function that is not a coroutine function returns an awaitable.

    Args:
        function: a plain function.
        owner: the object whose method it is, or None.
    """
    code = function.__code__
    if code.co_flags & inspect.CO_ITERABLE_COROUTINE:  # `types.coroutine`
        return True
    annotated = _annotation_is_awaitable(function)
    if annotated == "either":
        return True if owner is not None and _calls_coroutine_method(code, type(owner)) else None
    if annotated is not None:
        return annotated is True
    if code.co_flags & inspect.CO_GENERATOR or _returns_constants(function):
        return False
    return True if _DOCUMENTED.search(function.__doc__ or "") else None


def _calls_coroutine_method(code: Any, owner: type, depth: int = 3) -> bool:
    """Whether a method of a class uses a coroutine method of that class, such as `execute_command` of redis."""
    for name in code.co_names:
        method = class_attribute(owner, name)
        if inspect.iscoroutinefunction(method):
            return True
        if depth and class_name(method) == "function" and _calls_coroutine_method(method.__code__, owner, depth - 1):
            return True
    return False


def _returns_constants(function: Any) -> bool:
    """Whether every `return` of a function has a constant, as the implicit one at its end has."""
    import dis

    before, returns = "", 0
    for instruction in dis.get_instructions(function):
        operation = instruction.opname
        if operation == "RETURN_VALUE" and not before.startswith(("LOAD_CONST", "LOAD_SMALL_INT")):
            return False
        returns += operation in ("RETURN_VALUE", "RETURN_CONST")
        before = operation
    return returns > 0


def _annotation_is_awaitable(function: Any) -> bool | Literal["either"] | None:
    """Whether the return annotation of a function is awaitable; None: there is none, or it says nothing."""
    written = function.__annotations__.get("return", MISSING)
    if written is MISSING:
        return None
    try:
        annotation = typing.get_type_hints(function).get("return", MISSING)
    except Exception:  # a name that exists for type checkers only
        annotation = written
    if isinstance(annotation, str):
        if _AWAITABLE_NAMES.search(annotation) is None:
            return None
        while "[" in annotation:  # `Awaitable[int | None]` is one alternative
            annotation, found = re.subn(r"\[[^\[\]]*\]", "", annotation)
            if not found:
                return None
        return "either" if re.search(r"\||\b(?:Union|Optional)$", annotation) else True
    members = _alternatives(annotation)
    if True in members:
        return True if all(members) else "either"
    return None if None in members else False


def _alternatives(annotation: Any) -> list[bool | None]:
    """Whether each alternative of an annotation is awaitable."""
    if typing.get_origin(annotation) is typing.Union or class_name(annotation) == "UnionType":
        return [one for member in typing.get_args(annotation) for one in _alternatives(member)]
    annotation = typing.get_origin(annotation) or annotation
    if annotation is None:
        return [False]
    return [_class_is_awaitable(annotation) if isinstance(annotation, type) else None]


def _class_is_awaitable(cls: type) -> bool | None:
    if cls is object:
        return None
    return any(class_attribute(cls, name) is not MISSING for name in ("__await__", "__aiter__", "__aenter__"))
