"""Finds the containers that the application's code removes old entries from, by reading the source of functions.

A removal counts if it may run while instances are created and released: its function is called, judged by names, from
the methods that do that, or from a task, timer or thread that is running. A removal that depends on no comparison of
sizes or times, such as `pop(user_id)`, does not keep a container small by itself.
"""

from __future__ import annotations

import ast
import dis
import linecache
from collections.abc import Iterable, Iterator
from types import CodeType
from typing import Any, NamedTuple

from ..inspection import own_code
from ..inspection.safe_inspect import class_name, instance_dict

#: Methods that remove entries, and functions that do so from their first argument.
_REMOVING_METHODS = frozenset(["pop", "popitem", "popleft", "clear", "remove", "discard", "__delitem__"])
_REMOVING_FUNCTIONS = frozenset(["heappop", "heappushpop", "heapreplace"])
_REMOVING = _REMOVING_METHODS | _REMOVING_FUNCTIONS
#: The instructions of `del items[key]`, of slices and of comprehensions with a condition.
_CHANGING = frozenset(
    dis.opmap[name]
    for name in ("DELETE_SUBSCR", "BUILD_SLICE", "BINARY_SLICE", "STORE_SLICE", "LIST_APPEND", "MAP_ADD", "SET_ADD")
    if name in dis.opmap
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)
#: The attribute with the code of what is running or suspended.
_CODE = {"coroutine": "cr_code", "async_generator": "ag_code", "generator": "gi_code", "frame": "f_code"}
#: How deep functions in closures and behind decorators are looked for.
_MAX_WRAPPED = 10


class Removal(NamedTuple):
    """A container that a function removes entries from.

    Attributes:
        name: of the attribute or variable; empty: the object itself.
        of_self: whether it belongs to the object whose method the function is.
        by_slice: whether only the first or last entries are kept, which needs no comparison.
        by_parameter: whether the caller says what is removed, as for the release of one instance.
    """

    name: str
    of_self: bool
    by_slice: bool = False
    by_parameter: bool = False


class Evictions:
    """The removals that may run, found among the functions that it is given.

    Args:
        starts: functions, methods, coroutines and frames from which other functions are called.
    """

    def __init__(self, starts: Iterable[Any]) -> None:
        self._by_name: dict[str, list[CodeType]] = {}
        self._reached: dict[CodeType, frozenset[str]] = {}
        self._names: set[str] = set()
        self._comparing: dict[CodeType, bool] = {}
        self._files: dict[str, dict[int, ast.AST]] = {}
        self._removals: dict[CodeType, list[Removal]] = {}
        for start in starts:
            for code in codes_of(start):
                if not own_code.is_probe(code.co_filename):
                    self._reach(code)

    def add(self, functions: Iterable[Any]) -> bool:
        """Make known functions that may be called, such as those of a class.

        Returns:
            Whether one of them is.
        """
        before = len(self._reached)
        for function in functions:
            for code in codes_of(function):
                known = self._by_name.setdefault(code.co_name, [])
                if code not in known:
                    known.append(code)
                    if code.co_name in self._names or _is_called_by_python(code.co_name):
                        self._reach(code)
        return len(self._reached) > before

    def _reach(self, code: CodeType) -> None:
        waiting = [code]
        while waiting:
            code = waiting.pop()
            if code in self._reached:
                continue
            names = self._reached[code] = frozenset(_names(code))
            for name in names - self._names:
                self._names.add(name)
                waiting.extend(self._by_name.get(name, ()))

    def by_method(self, functions: Iterable[Any], attribute: str) -> bool:
        """Whether one of the methods of a class keeps a container small that is in an attribute of its instances.

        Args:
            functions: the methods.
            attribute: the attribute; empty: the instance itself.
        """
        codes = [code for function in functions for code in codes_of(function) if code in self._reached]
        return any(
            removal.of_self and removal.name == attribute and self._is_limited(code, removal)
            for code in codes
            for removal in self._removals_of(code)
        )

    def by_name(self, name: str) -> bool:
        """Whether some function keeps a container small that it reaches by a variable, or by another object."""
        return any(
            not removal.of_self and removal.name == name and self._is_limited(code, removal)
            for code, names in list(self._reached.items())
            if name in names
            for removal in self._removals_of(code)
        )

    def _removals_of(self, code: CodeType) -> list[Removal]:
        known = self._removals.get(code)
        if known is None:
            known = self._removals[code] = list(self._find_removals(code))
        return known

    def _find_removals(self, code: CodeType) -> Iterator[Removal]:
        names = self._reached[code]
        if not (names & _REMOVING or any(_CHANGING.intersection(part.co_code[::2]) for part in (code, *_nested(code)))):
            return
        tree = self._tree(code)
        if tree is not None:
            yield from _removals(tree)
        elif names & _REMOVING:  # of a library, or without its source
            for name in names:
                yield Removal(name, of_self=True)
                yield Removal(name, of_self=False)

    def _is_limited(self, code: CodeType, removal: Removal) -> bool:
        """Whether a removal depends on a comparison, in its function or in one that calls it."""
        if removal.by_slice or self._compares(code):
            return True
        if removal.by_parameter:
            return False
        callers = (
            caller
            for caller, names in list(self._reached.items())
            if code.co_name in names and caller.co_name != code.co_name  # not that of a base class
        )
        return any(self._compares(caller) for caller in callers)

    def _compares(self, code: CodeType) -> bool:
        known = self._comparing.get(code)
        if known is None:
            known = self._comparing[code] = any(
                instruction.opname == "COMPARE_OP" and ("<" in instruction.argrepr or ">" in instruction.argrepr)
                for part in (code, *_nested(code))
                for instruction in dis.get_instructions(part)
            )
        return known

    def _tree(self, code: CodeType) -> ast.AST | None:
        """The parsed source of a function of the application; None: it is not the application's, or has no source."""
        file = code.co_filename
        if not own_code.is_own_code(file):
            return None
        if file not in self._files:
            try:
                self._files[file] = dict(_functions_by_line(ast.parse("".join(linecache.getlines(file)))))
            except Exception:  # the file is gone, or is no longer what was imported
                self._files[file] = {}
        return self._files[file].get(code.co_firstlineno)


def _functions_by_line(tree: ast.AST) -> Iterator[tuple[int, ast.AST]]:
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS):
            yield min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]), node


def _nested(code: CodeType) -> Iterator[CodeType]:
    """The code of nested functions and, before Python 3.12, of comprehensions."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _nested(constant)


def codes_of(function: Any, depth: int = 0) -> Iterator[CodeType]:
    """The code of a function, method, property, partial, coroutine or frame, and of the functions that it wraps."""
    kind = class_name(function)
    if kind == "function":
        yield function.__code__
        if depth < _MAX_WRAPPED:
            for wrapped in (function.__dict__.get("__wrapped__"), *_in_closure(function)):
                yield from codes_of(wrapped, depth + 1)
    elif kind in ("method", "staticmethod", "classmethod"):
        yield from codes_of(function.__func__, depth)
    elif kind == "partial":
        yield from codes_of(function.func, depth)
    elif kind == "property":
        for accessor in (function.fget, function.fset, function.fdel):
            yield from codes_of(accessor, depth)
    elif kind in _CODE:
        yield getattr(function, _CODE[kind])
    elif kind == "_lru_cache_wrapper":
        yield from codes_of((instance_dict(function) or {}).get("__wrapped__"), depth)


def _in_closure(function: Any) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        try:
            if class_name(cell.cell_contents) == "function":
                yield cell.cell_contents
        except ValueError:  # an empty cell
            continue


def running() -> Iterator[Any]:
    """What runs beside the creation of instances: tasks and timers of the running loop, and threads."""
    import asyncio
    import sys
    import threading

    loop = asyncio.get_running_loop()
    for task in asyncio.all_tasks(loop):
        yield task.get_coro()
    for handle in list(getattr(loop, "_scheduled", ())):  # of asyncio's own loops; uvloop does not show its timers
        yield getattr(handle, "_callback", None)
    for thread in threading.enumerate():
        own = instance_dict(thread) or {}
        yield from (own.get("_target"), own.get("function"))
    yield from sys._current_frames().values()


def _is_called_by_python(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in ("__del__", "__exit__", "__aexit__")


def _names(code: CodeType) -> Iterator[str]:
    """The names that a function uses, those of its nested functions and comprehensions included."""
    for part in (code, *_nested(code)):
        yield from part.co_names
        yield from part.co_freevars
        yield from part.co_cellvars


def _removals(function: ast.AST) -> Iterator[Removal]:
    """The containers that a function removes entries from."""
    if not isinstance(function, _FUNCTIONS):
        return
    parameters = [*function.args.posonlyargs, *function.args.args]
    names = _Names(parameters[0].arg if parameters else "", function)
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            yield from _called(names, node)
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                if isinstance(target, ast.Subscript):
                    for removal in names.removal(target.value, isinstance(target.slice, ast.Slice)):
                        yield removal._replace(by_parameter=names.is_parameter(target.slice))
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _replaced(names, target, node.value)


def _called(names: _Names, call: ast.Call) -> Iterator[Removal]:
    """What a call such as `queue.popleft()` or `heappop(queue)` removes entries from."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if isinstance(call.func, ast.Attribute) and called in _REMOVING_METHODS:
        for removal in names.removal(call.func.value):
            yield removal._replace(by_parameter=bool(call.args) and names.is_parameter(call.args[0]))
    elif called in _REMOVING_FUNCTIONS and call.args:
        yield from names.removal(call.args[0])


def _replaced(names: _Names, target: ast.expr, value: ast.expr) -> Iterator[Removal]:
    """A container that is replaced, in full or in a slice, by a part of it: `self.recent = self.recent[-50:]`."""
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice):
        yield from names.removal(target.value, True)
    elif isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice):
        yield from names.removal(target, True)
    elif isinstance(value, _COMPREHENSIONS) and any(generator.ifs for generator in value.generators):
        yield from names.removal(target)


class _Names:
    """What expressions of a function name.

    Args:
        own: the name of its first parameter, which in a method is the instance.
        function: the function.
    """

    def __init__(self, own: str, function: ast.AST) -> None:
        self._own = own
        self._parameters = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
        self._aliases: dict[str, ast.expr] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Attribute, ast.Name)):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self._aliases.setdefault(target.id, node.value)

    def is_parameter(self, key: ast.AST) -> bool:
        """Whether an expression is a parameter of the function, or an attribute of one."""
        if isinstance(key, ast.Name):
            key = self._aliases.get(key.id, key)
        while isinstance(key, ast.Attribute):
            key = key.value
        return isinstance(key, ast.Name) and key.id in self._parameters and key.id != self._own

    def removal(self, container: ast.expr, by_slice: bool = False) -> Iterator[Removal]:
        """The removal from a container, unless it is unknown which."""
        if isinstance(container, ast.Name):
            alias = self._aliases.pop(container.id, None)  # each is resolved once: it may refer to itself
            if alias is not None:
                yield from self.removal(alias, by_slice)
                self._aliases[container.id] = alias
            elif container.id == self._own:
                yield Removal("", True, by_slice)
            else:
                yield Removal(container.id, False, by_slice)
        elif isinstance(container, ast.Attribute):
            of_self = isinstance(container.value, ast.Name) and container.value.id == self._own
            yield Removal(container.attr, of_self, by_slice)
        elif isinstance(container, ast.Call) and getattr(container.func, "id", "") == "super":
            yield Removal("", True, by_slice)
