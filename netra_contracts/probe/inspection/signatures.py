"""Whether something callable accepts a call of a given shape, without calling it."""

from __future__ import annotations

import ast
import inspect
from typing import Any, NamedTuple

from .safe_inspect import kind_name


class Shape(NamedTuple):
    """A call: how many positional arguments it must and may pass, and which keywords."""

    required: int
    optional: int
    keywords: tuple[str, ...]
    optional_keywords: tuple[str, ...]


def parse_shape(signature: str) -> Shape:
    """The shape that `(event, data, *, urgent=False)` asks for."""
    function = ast.parse(f"def _{signature}: ...").body[0]
    arguments: Any = function.args  # type: ignore[attr-defined]  # a function definition by its first word
    positional = [*arguments.posonlyargs, *arguments.args]
    optional = len(arguments.defaults)
    keywords = list(zip(arguments.kwonlyargs, arguments.kw_defaults))
    return Shape(
        len(positional) - optional,
        optional,
        tuple(argument.arg for argument, default in keywords if default is None),
        tuple(argument.arg for argument, default in keywords if default is not None),
    )


def refusal(function: Any, shape: Shape) -> str | None:
    """Why a callable does not accept a call of this shape; "" if it does, None if there is no telling."""
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
    """Names of parameters; defaults are values and stay out."""
    shown = []
    for parameter in signature.parameters.values():
        star = "*" if parameter.kind is parameter.VAR_POSITIONAL else ""
        star = "**" if parameter.kind is parameter.VAR_KEYWORD else star
        shown.append(f"{star}{parameter.name}" + ("=..." if parameter.default is not parameter.empty else ""))
    return "(" + ", ".join(shown) + ")"


def accepts_all_calls_of(function: Any, asked: Any) -> str:
    """Why a bound callable does not accept the calls that a protocol's method (with `self`) promises; "" if it does."""
    if not callable(function):
        return "it is not callable"
    try:
        parameters = list(inspect.signature(asked).parameters.values())[1:]
    except (TypeError, ValueError):
        return ""
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    keywords = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    shape = Shape(
        sum(p.default is p.empty for p in positional),
        sum(p.default is not p.empty for p in positional),
        tuple(p.name for p in keywords if p.default is p.empty),
        tuple(p.name for p in keywords if p.default is not p.empty),
    )
    return refusal(function, shape) or ""


def is_async(function: Any) -> bool:
    """Whether calling it gives something to await, or an async generator: as far as functions say so themselves."""
    for _ in range(8):
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            return True
        kind = kind_name(function)
        if kind == "partial":
            function = function.func
        elif kind == "method":
            function = function.__func__
        elif kind == "function" and "__wrapped__" in function.__dict__:
            function = function.__dict__["__wrapped__"]
        elif kind not in ("function", "builtin_function_or_method") and not isinstance(function, type):
            function = getattr(type(function), "__call__", None)  # noqa: B004 - the method itself is wanted, not whether it is there
        else:
            return False
    return False
