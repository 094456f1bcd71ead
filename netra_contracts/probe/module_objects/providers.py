"""Functions that return an object which outlives the call, as their code says: they are not called."""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..inspection import own_code
from ..inspection.safe_inspect import class_name, instance_dict, is_plain
from ..isolation.kept_by_code import cached

#: `CO_GENERATOR` and `CO_ASYNC_GENERATOR`, see `inspect`: what they yield ends with the request.
_GENERATOR = 0x20 | 0x200


class Provider(NamedTuple):
    """A function that returns such an object.

    Attributes:
        address: `module:function()`.
        value: what it returns; None: it has not been called, and creates the object when it is.
    """

    address: str
    value: Any


def providers_among(functions: Iterable[Any]) -> Iterator[Provider]:
    """Those functions of the application's modules that need no arguments and return a global or a cached object."""
    for function in functions:
        is_cached = class_name(function) == "_lru_cache_wrapper"
        inner: Any = (instance_dict(function) or {}).get("__wrapped__") if is_cached else function
        if class_name(inner) != "function" or not own_code.is_own_code(inner.__code__.co_filename):
            continue
        module = sys.modules.get(inner.__module__)
        if module is None or vars(module).get(inner.__name__) is not function or not _needs_nothing(inner):
            continue
        found = _from_cache(function) if is_cached else _from_global(inner)
        if found is not None and (found[0] is None or not is_plain(found[0])):
            yield Provider(f"{module.__name__}:{inner.__name__}()", found[0])


def _needs_nothing(function: Any) -> bool:
    code, keywords = function.__code__, function.__kwdefaults__ or {}
    required = code.co_argcount - len(function.__defaults__ or ())
    return required <= 0 and len(keywords) == code.co_kwonlyargcount and not code.co_flags & _GENERATOR


def _from_cache(function: Any) -> tuple[Any] | None:
    entries = cached(function)
    return (entries[0][1] if len(entries) == 1 else None,) if len(entries) <= 1 else None


def _from_global(function: Any) -> tuple[Any] | None:
    """The value of the one global that a function returns; None: it returns something else."""
    code = function.__code__
    instructions = [one for one in dis.get_instructions(code) if one.opname not in ("EXTENDED_ARG", "NOP")]
    returned = [
        before.argval if before.opname == "LOAD_GLOBAL" else ""
        for before, one in zip(instructions, instructions[1:])
        if one.opname == "RETURN_VALUE"
    ]
    names = set(returned)
    if len(names) != 1 or "" in names:
        return None
    name = names.pop()
    value = function.__globals__.get(name)
    stores = any(one.opname == "STORE_GLOBAL" and one.argval == name for one in instructions)
    return (value,) if stores or value is not None else None
