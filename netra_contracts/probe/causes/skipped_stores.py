"""Which names would have been set if an exception had not been raised.

Names of attributes, keys and local variables: an exception that is caught explains that a component of such a name is
missing or None. What a handler sets to something else instead is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any, NamedTuple

from ..inspection import own_code
from .bytecode import RETURNS, TESTS, Function, Instruction

_LOADS = ("LOAD_FAST", "LOAD_NAME", "LOAD_GLOBAL", "LOAD_DEREF", "STORE_FAST_LOAD_FAST")
_STORES = ("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF", "STORE_ATTR")
_class_members: Any = type.__dict__["__dict__"]
_module_members: Any = vars(ModuleType)["__dict__"]
_SETTERS = ("setattr", "setdefault", "update")
_LOADS_METHOD = ("LOAD_ATTR", "LOAD_METHOD")
#: Functions called in what was skipped, and those that they call, are looked into up to this depth.
_MOST_DEPTH = 3
_MOST_FUNCTIONS = 50
#: The names of exceptions that are the same as others.
_SAME = {"IOError": "OSError", "EnvironmentError": "OSError", "error": "OSError"}


class Skipped(NamedTuple):
    """What did not happen because an exception was raised.

    Attributes:
        names: that would have been set.
        returned: whether the function would have returned a value.
        line: of the `except` or `with` that caught it; 0: unknown.
    """

    names: frozenset[str]
    returned: bool = False
    line: int = 0


_functions: dict[int, Function] = {}


def function_of(code: CodeType) -> Function:
    """The instructions of a code object, read once."""
    known = _functions.get(id(code))
    if known is None:
        known = _functions[id(code)] = Function(code)
    return known


def in_handling_frame(frame: FrameType, raised_at: int, handler: int, error_types: Iterable[type]) -> Skipped:
    """What an exception skipped in the frame that caught it.

    Args:
        frame: the frame.
        raised_at: the offset of the instruction that raised it.
        handler: the offset of its handler.
        error_types: the class of the exception and its bases.
    """
    function = function_of(frame.f_code)
    clause = _Clause(function, handler, error_types)
    later = function.after(raised_at)
    protected = {one.line for one in later if function.is_protected(one.offset, handler)}
    # Statements that raise nothing, as `return True`, are not protected, but precede the clause.
    protected.update(range(function.line_of(raised_at), max(clause.line, function.line_of(raised_at) + 1)))
    body = [*_begun_calls(function, raised_at), *(one for one in later if one.line in protected)]
    skipped = [*body, *(one for one in function.instructions if clause.leaves and one.line > clause.line)]
    names = _names_set(function, skipped, frame) - clause.computed
    returns = any(function.gives_value(one) for one in skipped)
    returned = (returns or _returns(function, names)) and not clause.returns_computed
    return Skipped(frozenset(names), returned, clause.line)


def in_left_frame(frame: FrameType, raised_at: int) -> frozenset[str]:
    """What an exception skipped in a frame that it left."""
    function = function_of(frame.f_code)
    skipped = [*_begun_calls(function, raised_at), *function.after(raised_at)]
    return frozenset(_names_set(function, skipped, frame))


def of_result(frame: FrameType) -> Skipped:
    """What is set to the result of the call that a frame executes; `returned`: the frame returns it."""
    function = function_of(frame.f_code)
    names: set[str] = set()
    line = 0
    for one in function.after(frame.f_lasti):
        if names and one.line != line:
            break
        if function.gives_value(one) or one.name in RETURNS:
            return Skipped(frozenset(names), not names)
        stored = set(_stored(function, one, frame))
        if stored:
            names |= stored
            line = one.line
        elif not names and one.name.startswith("POP_JUMP"):
            branch = [each for each in function.after(one.offset) if each.offset < one.jump]
            return Skipped(frozenset(_names_set(function, branch, frame)))
        elif not names and one.name == "POP_TOP":
            break
    names |= _flows(function, names)
    return Skipped(frozenset(names), _returns(function, names))


class _Clause:
    """The `except` clause that an exception reached, or the `with` that suppressed it.

    Attributes:
        line: its first line.
        computed: names that it sets to something else than None.
        leaves: whether it leaves the function without a value.
        returns_computed: whether it returns something else than None.
    """

    def __init__(self, function: Function, handler: int, error_types: Iterable[type]) -> None:
        start, self.line = self._start(function, handler, {cls.__name__ for cls in error_types})
        body = function.reachable(start)
        self.computed: set[str] = set()
        self.leaves = self.returns_computed = False
        for one in body:
            if not _sets_none(function, one):
                self.computed.update(_stored(function, one, None))
            if one.name == "POP_EXCEPT":
                self._leave(function, one)
            elif function.gives_value(one):  # a context manager that yields in the clause
                self.returns_computed = self.returns_computed or self._is_computed(function, one)

    def _leave(self, function: Function, end: Instruction) -> None:
        for one in function.after(end.offset)[:8]:
            if one.name in RETURNS:
                self.leaves = self.leaves or function.returns_none(one)
                self.returns_computed = self.returns_computed or self._is_computed(function, one)
                return
            if not one.name.startswith(("LOAD_CONST", "SWAP", "ROT_", "STORE_FAST", "DELETE_FAST", "NOP", "POP_TOP")):
                return

    def _is_computed(self, function: Function, end: Instruction) -> bool:
        """Whether a call makes the value that an instruction returns or yields: it is not a constant or a variable."""
        line = list(function.from_line_of(end.offset))
        loaded = {name for one in line if one.name.startswith(_LOADS) for name in _as_tuple(one.argument)}
        calls = any(one.name.startswith(("CALL", "BUILD_")) and one.name != "CALL_INTRINSIC_1" for one in line)
        return calls or bool(loaded & self.computed)

    @staticmethod
    def _start(function: Function, handler: int, names: set[str]) -> tuple[int, int]:
        """The offset of the clause that fits, or of the first one, and its line."""
        first = None
        position = function.at(handler)
        for _ in range(50):
            test = next((at for at in range(position, len(function.instructions)) if _is_test(function, at)), None)
            if test is None or not any(
                one.offset == function.instructions[test].offset for one in function.reachable(handler)
            ):
                break
            one = function.instructions[test]
            jump = one if one.jump >= 0 else function.instructions[test + 1]
            loads = (load.argument for load in function.instructions[position:test] if load.name.startswith("LOAD_"))
            tested = {_SAME.get(name, name) for name in loads}
            clause = (jump.offset + 2, one.line)
            first = first or clause
            if tested & names:
                return clause
            position = function.at(jump.jump)
        if first is not None:
            return first
        lines = [one.line for one in function.reachable(handler) if one.line and one.name != "PUSH_EXC_INFO"]
        return handler, lines[0] if lines else 0


def _is_test(function: Function, position: int) -> bool:
    return function.instructions[position].name in TESTS


def _sets_none(function: Function, one: Instruction) -> bool:
    """Whether the statement of an instruction begins with None, as an assignment or a return of it does."""
    first = next(function.from_line_of(one.offset), None)
    return first is not None and first.name == "LOAD_CONST" and first.argument is None


# Names


def _begun_calls(function: Function, raised_at: int) -> Iterator[Instruction]:
    """Calls that set names, whose arguments were being evaluated: `setattr(app.state, "pool", connect())`."""
    line = function.line_of(raised_at)
    for one in function.instructions:
        if one.line == line and one.offset <= raised_at and one.name.startswith("LOAD_") and one.argument in _SETTERS:
            yield one


def _names_set(function: Function, skipped: list[Instruction], frame: FrameType) -> set[str]:
    names: set[str] = set()
    for one in skipped:
        names.update(_stored(function, one, frame))
    names |= _flows(function, names)
    names |= _set_by_calls(skipped, frame.f_globals, set(), 1)
    return names


def _stored(function: Function, one: Instruction, frame: FrameType | None) -> Iterator[str]:
    """The names that an instruction sets: a variable, an attribute, a key, or a keyword of a call of `update`."""
    if one.name.startswith(_STORES):
        yield from one.argument if type(one.argument) is tuple else (one.argument,)
    elif one.name == "STORE_SUBSCR" or (one.name.startswith("LOAD_") and one.argument in _SETTERS[:2]):
        line = list(function.from_line_of(one.offset))
        yield from (each.argument for each in line if each.name == "LOAD_CONST" and type(each.argument) is str)
        yield from _named_by_variables(line, frame)
    elif one.name.startswith("LOAD_") and one.argument == _SETTERS[2]:
        for each in function.from_line_of(one.offset):
            if each.name in ("KW_NAMES", "LOAD_CONST"):
                value = each.argument if type(each.argument) is tuple else (each.argument,)
                yield from (name for name in value if type(name) is str)


def _named_by_variables(line: list[Instruction], frame: FrameType | None) -> Iterator[str]:
    """The names that are in variables: `setattr(app.state, name, value)`."""
    loaded = {name for one in line if one.name.startswith("LOAD_FAST") for name in _as_tuple(one.argument)}
    if frame is not None and loaded:
        values = frame.f_locals
        yield from (values[name] for name in loaded if type(values.get(name)) is str and values[name].isidentifier())


def _as_tuple(argument: Any) -> tuple[Any, ...]:
    return argument if type(argument) is tuple else (argument,)


def _flows(function: Function, names: Iterable[str]) -> set[str]:
    """The names that are set in statements that use a variable of one of some names."""
    variables = set(names) & {*function.code.co_varnames, *function.code.co_cellvars, *function.code.co_freevars}
    if not variables:
        return set()
    lines = _lines_loading(function, variables)
    return {
        name
        for one in function.instructions
        if one.line in lines and not one.name.startswith(("STORE_FAST", "STORE_DEREF"))
        for name in _stored(function, one, None)
    }


def _lines_loading(function: Function, variables: set[str]) -> set[int]:
    return {
        one.line
        for one in function.instructions
        if one.name.startswith(_LOADS) and variables & set(_as_tuple(one.argument))
    }


def _returns(function: Function, names: Iterable[str]) -> bool:
    """Whether the function returns a variable of one of some names."""
    lines = _lines_loading(function, set(names))
    return any(one.line in lines and function.gives_value(one) for one in function.instructions)


def _set_by_calls(skipped: Iterable[Instruction], namespace: dict[str, Any], seen: set[int], depth: int) -> set[str]:
    """The names that functions of the application set which some instructions refer to."""
    names: set[str] = set()
    for one in skipped:
        if len(seen) >= _MOST_FUNCTIONS or not one.name.startswith(("LOAD_GLOBAL", "LOAD_NAME", *_LOADS_METHOD)):
            continue
        for called in _functions_named(one, namespace):
            if id(called) in seen or not own_code.is_own_code(called.__code__.co_filename):
                continue
            seen.add(id(called))
            function = function_of(called.__code__)
            for inner in function.instructions:
                names.update(_stored(function, inner, None))
            if depth < _MOST_DEPTH:
                names |= _set_by_calls(function.instructions, called.__globals__, seen, depth + 1)
    return names


def _functions_named(one: Instruction, namespace: dict[str, Any]) -> Iterator[FunctionType]:
    """The functions that a name may refer to: of the module, or of modules and classes that it refers to."""
    if not one.name.startswith(_LOADS_METHOD):
        holders: list[Any] = [namespace]
    else:
        holders = [_members(value) for value in list(namespace.values()) if type(value) in (type, ModuleType)]
    for members in holders:
        value = members.get(one.argument) if type(one.argument) is str else None
        value = getattr(value, "__func__", value) if type(value) in (classmethod, staticmethod) else value
        if type(value) is FunctionType:
            yield value


def _members(holder: Any) -> Any:
    return (_class_members if type(holder) is type else _module_members).__get__(holder)
