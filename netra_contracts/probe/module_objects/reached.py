"""Which objects of modules the code that answers requests reaches, by the names in it. Nothing is called."""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterable, Iterator
from types import CodeType, ModuleType
from typing import Any

from ..inspection import own_code
from ..inspection.safe_inspect import MISSING, class_name, instance_attribute, instance_dict, is_plain, mro, type_name
from ..startup.mounts import Mount, routes_below
from ..startup.wrappers import family_of

#: How many functions are read.
_MAX_FUNCTIONS = 5000
#: How many objects are reached.
_MAX_OBJECTS = 50_000
#: How many attributes follow a name: `db.registry.engine`.
_MAX_STEPS = 4
#: How deep dependencies of dependencies are followed.
_MAX_DEPTH = 20
_CLASS_DICT = type.__dict__["__dict__"]
#: Attributes of applications and handlers of Litestar with functions that are called for requests.
_OF_LITESTAR = ("dependencies", "guards", "middleware", "before_request", "after_request", "after_response")
_FUNCTIONS = ("function", "method", "partial", "_lru_cache_wrapper", "staticmethod", "classmethod", "property")


def handlers_of(target: Any, apps: Iterable[Mount]) -> Iterator[Any]:
    """The functions and classes that answer requests: endpoints, dependencies, middleware and exception handlers.

    Args:
        target: the application: a function or object of its own, if it belongs to no framework.
        apps: the applications of frameworks in it.
    """
    if not family_of(target):
        yield target
    for mount in apps:
        for found in routes_below(mount.app):
            yield from _of_route(found.route)
        for middleware in instance_attribute(mount.app, "user_middleware") or ():
            yield instance_attribute(middleware, "cls")
            yield from _contents(middleware, ("options", "kwargs"))
        yield from _contents(mount.app, ("exception_handlers", *_OF_LITESTAR))


def _of_route(route: Any) -> Iterator[Any]:
    yield instance_attribute(route, "endpoint")
    yield from _of_dependant(instance_attribute(route, "dependant"), 0)
    for handler in (*_contents(route, ("route_handlers",)), instance_attribute(route, "route_handler")):
        if handler is not None:
            yield instance_attribute(handler, "fn") or instance_attribute(handler, "_fn")
            yield from _contents(handler, _OF_LITESTAR)


def _contents(holder: Any, names: Iterable[str]) -> Iterator[Any]:
    """The members of the lists and mappings in attributes, and the attributes that are neither."""
    for name in names:
        value = instance_attribute(holder, name)
        members = list(value.values()) if type(value) is dict else value if type(value) in (list, tuple) else [value]
        for member in list(members):
            yield member
            yield instance_attribute(member, "dependency")  # of a `Provide` of Litestar


def _of_dependant(dependant: Any, depth: int) -> Iterator[Any]:
    """The callables of a tree of FastAPI's dependencies."""
    if dependant is None or depth > _MAX_DEPTH:
        return
    yield instance_attribute(dependant, "call")
    for inner in instance_attribute(dependant, "dependencies") or ():
        yield from _of_dependant(inner, depth + 1)


class ReachedObjects:
    """Follows the names in the code of handlers, and in the code of the application that they name.

    What a closure, the object of a method and the attributes of objects refer to is reached as well.

    Args:
        handlers: what answers requests.

    Attributes:
        objects: what was reached, by id: instances, classes and functions.
    """

    def __init__(self, handlers: Iterable[Any]) -> None:
        self.objects: dict[int, Any] = {}
        self._pending = list(handlers)
        functions = 0
        while self._pending and functions < _MAX_FUNCTIONS and len(self.objects) < _MAX_OBJECTS:
            value = self._pending.pop()
            if value is None or id(value) in self.objects:
                continue
            self.objects[id(value)] = value
            if class_name(value) in _FUNCTIONS:
                functions += 1
                self._pending += _inner_functions(value)
                self._pending += _named_by_function(value)
            elif issubclass(type(value), type):
                self._pending += _methods_of(value)
            elif not is_plain(value):
                self._pending.append(type(value))
                self._pending += _attributes_of(value)


def _attributes_of(value: Any) -> list[Any]:
    """What an object refers to in its attributes, unless its class belongs to a framework or the standard library."""
    module = sys.modules.get(type_name(type(value)).partition(":")[0])
    file = vars(module).get("__file__") if type(module) is ModuleType else None
    if type(file) is not str or own_code.rank(file) == own_code.MACHINERY:
        return []
    attributes = instance_dict(value)
    return list(attributes.values()) if type(attributes) is dict else []


def _methods_of(cls: type) -> list[Any]:
    """The methods that a class of the application and its bases define."""
    return [
        member
        for base in mro(cls)
        if own_code.is_own_module(type_name(base).partition(":")[0])
        for member in list(_CLASS_DICT.__get__(base).values())
        if class_name(member) in _FUNCTIONS
    ]


def _inner_functions(function: Any) -> list[Any]:
    """What a wrapper of a function calls: the function that it wraps, or those that its closure has."""
    kind = class_name(function)
    if kind in ("staticmethod", "classmethod"):
        return [function.__func__]
    if kind == "method":
        return [function.__self__]
    if kind == "property":
        return [found for found in (function.fget, function.fset) if found is not None]
    if kind == "partial":
        return [function.func, *function.args]
    found = []
    wrapped = (instance_dict(function) or {}).get("__wrapped__")
    if wrapped is not None:
        found.append(wrapped)
    return [*found, *_closure_of(function)] if kind == "function" else found


def _closure_of(function: Any) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # it is empty
            continue


def _named_by_function(function: Any) -> list[Any]:
    if class_name(function) == "method":
        function = function.__func__
    if class_name(function) != "function" or not own_code.is_own_code(function.__code__.co_filename):
        return []
    return list(_named_by(function.__code__, function.__globals__))


def _named_by(code: CodeType, namespace: dict[str, Any]) -> Iterator[Any]:
    """What the names in a function and in the functions within it stand for."""
    instructions = list(dis.get_instructions(code))
    for position, instruction in enumerate(instructions):
        value: Any = MISSING
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            value = namespace.get(instruction.argval, MISSING)
        elif instruction.opname == "IMPORT_NAME":
            value = _imported(instruction.argval, namespace)
        if value is not MISSING and value is not None:
            yield from _with_attributes(value, instructions[position + 1 :])
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from _named_by(constant, namespace)


def _with_attributes(value: Any, following: list[dis.Instruction]) -> Iterator[Any]:
    """An object and, if it is a module or a class, the attributes that the next instructions read of it."""
    if type(value) is not ModuleType:
        yield value
    for instruction in following[: _MAX_STEPS * 2]:
        if type(value) is not ModuleType and not issubclass(type(value), type):
            return
        if instruction.opname == "IMPORT_FROM":
            yield _member(value, instruction.argval)
        elif instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            value = _member(value, instruction.argval)
            if value is None:
                return
            if type(value) is not ModuleType:
                yield value
        elif not instruction.opname.startswith(("STORE_", "EXTENDED_ARG", "NOP", "POP_TOP")):
            return


def _member(owner: Any, name: str) -> Any:
    """A member of a module or class that is read without running code."""
    members = vars(owner) if type(owner) is ModuleType else _CLASS_DICT.__get__(owner)
    found: Any = members.get(name)
    return found if class_name(found) not in ("staticmethod", "classmethod") else found.__func__


def _imported(name: str, namespace: dict[str, Any]) -> Any:
    """The module that an import within a function names."""
    module = sys.modules.get(name)
    package = namespace.get("__package__")
    if module is None and type(package) is str:
        module = sys.modules.get(f"{package}.{name}" if name else package)
    return module if type(module) is ModuleType and own_code.is_own_module(module.__name__) else MISSING
