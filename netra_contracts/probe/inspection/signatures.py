"""Checks whether a callable accepts a call of a given shape, without calling it."""

from __future__ import annotations

import ast
import inspect
from typing import Any, NamedTuple

from .safe_inspect import class_name


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


def refusal(function: Any, shape: CallShape) -> str | None:
    """Why a callable does not accept a call of this shape. Empty: it does; None: its signature is unknown."""
    try:
        signature = inspect.signature(function)
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
    return refusal(function, shape) or ""


def is_async(function: Any) -> bool:
    """Whether a callable is a coroutine function or an async generator function, also behind wrappers."""
    for _ in range(8):
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            return True
        name = class_name(function)
        if name == "partial":
            function = function.func
        elif name == "method":
            function = function.__func__
        elif name == "function" and "__wrapped__" in function.__dict__:
            function = function.__dict__["__wrapped__"]
        elif name not in ("function", "builtin_function_or_method") and not isinstance(function, type):
            function = getattr(type(function), "__call__", None)  # noqa: B004 - the method itself is needed
        else:
            return False
    return False
