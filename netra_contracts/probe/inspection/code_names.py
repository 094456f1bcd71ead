"""Names of attributes that compiled code reads and stores. No object is looked at."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType
from typing import Any

from . import own_code
from .safe_inspect import class_name

#: How many functions that a function names are searched, one within the other.
_MAX_DEPTH = 3

_READS = ("LOAD_ATTR", "LOAD_METHOD")
_LOCAL_READS = ("LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE", "STORE_FAST_LOAD_FAST")
_LOCAL_WRITES = ("STORE_FAST", "STORE_DEREF")


def read_at(code: CodeType, line: int) -> tuple[str, ...]:
    """Attributes that a line reads, itself or through a local variable: `pool = state.pool`, then `pool.close()`.

    Args:
        code: of the function.
        line: the number of the line.
    """
    assigned: dict[str, str] = {}
    found: dict[str, None] = {}
    starts = dict(dis.findlinestarts(code))
    current, read = None, ""
    for instruction in dis.get_instructions(code):
        current = starts.get(instruction.offset, current)
        name = instruction.opname
        if name.startswith(_LOCAL_WRITES) and read:
            assigned[names_of(instruction)[0]] = read
        read = instruction.argval if name in _READS else ""
        if current == line and read:
            found[read] = None
        elif current == line and name.startswith(_LOCAL_READS):
            found.update((assigned[name], None) for name in names_of(instruction) if name in assigned)
    return tuple(found)


def names_of(instruction: dis.Instruction) -> tuple[Any, ...]:
    """What an instruction refers to: some of Python 3.13 load or store two variables."""
    argument = instruction.argval
    return argument if type(argument) is tuple else (argument,)


def loads_local(code: CodeType, variable: str) -> bool:
    """Whether a function reads one of its local variables."""
    return any(
        variable in names_of(instruction)
        for instruction in dis.get_instructions(code)
        if instruction.opname.startswith(_LOCAL_READS)
    )


def stored_by(function: Any) -> tuple[str, ...]:
    """Attributes that a function stores, or one of the application's functions that it names: `state.pool = x`."""
    found = {name: None for code in _codes(function, _MAX_DEPTH) for name in _stores(code)}
    return tuple(found)


def _stores(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname == "STORE_ATTR":
            yield instruction.argval


def _codes(function: Any, depth: int) -> Iterator[CodeType]:
    """The code of a function, of those within it, and of those of the application's functions that it names."""
    if class_name(function) == "method":
        function = function.__func__
    if class_name(function) != "function" or not own_code.is_own_code(function.__code__.co_filename):
        return
    code = function.__code__
    yield code
    yield from (constant for constant in code.co_consts if type(constant) is CodeType)
    if depth:
        for name in code.co_names:
            yield from _codes(function.__globals__.get(name), depth - 1)
