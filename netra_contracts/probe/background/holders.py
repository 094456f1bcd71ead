"""Finds what of the application keeps a reference to a task, a future, a thread or a process.

Imported only where there is something to look for. Searched in order: components, globals of the application's modules,
local variables of its suspended functions.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from concurrent.futures import Future as Job
from types import ModuleType
from typing import Any, NamedTuple

from ...protocol.observed.failures import Holder
from ..inspection import object_graph, own_code
from ..inspection.safe_inspect import class_name

#: How many objects are visited from one component, one module, and one local variable.
_MAX_OF_COMPONENT, _MAX_OF_MODULE, _MAX_OF_LOCAL = 20_000, 20_000, 500
#: How many objects are visited in all. Large applications have millions of objects in thousands of modules.
_MAX_IN_ALL = 300_000
#: How a path says that an object is a member of a set.
_MEMBER = "{...}"
_MACHINERY = (asyncio.AbstractEventLoop, asyncio.Future, asyncio.Handle, threading.Thread, Executor, Job)
_SUSPENDED = {"coroutine": "cr", "generator": "gi", "async_generator": "ag"}


class _Start(NamedTuple):
    holder: Holder
    value: Any
    limit: int


def find(wanted: Iterable[Any], components: Iterable[tuple[str, Any]]) -> dict[int, Holder]:
    """The holder of each object that has one, by the id of the object.

    Args:
        wanted: the objects.
        components: addresses and objects of all components.
    """
    entries = list(components)
    search = _Search({id(obj) for obj in wanted}, {id(value) for _, value in entries})
    for start in _starts(entries):
        if not search.missing or search.visited >= _MAX_IN_ALL:
            break
        search.look(start)
    return search.found


def _starts(components: list[tuple[str, Any]]) -> Iterator[_Start]:
    for address, value in components:
        yield _Start(Holder("component", address, address), value, _MAX_OF_COMPONENT)
    for module in [module for module in list(sys.modules.values()) if _is_of_application(module)]:
        for name, value in list(vars(module).items()):
            if not name.startswith("__"):
                path = f"{module.__name__}.{name}"
                yield from _global(Holder("module", path, module.__name__), value)
    yield from _locals()


def _global(holder: Holder, value: Any) -> Iterator[_Start]:
    if not issubclass(type(value), type):
        yield _Start(holder, value, _MAX_OF_MODULE)
    elif type.__dict__["__module__"].__get__(value) == holder.owner:
        for name, attribute in list(type.__dict__["__dict__"].__get__(value).items()):
            if not name.startswith("__"):
                path = f"{holder.path}.{name}"
                yield _Start(Holder("module", path, holder.owner), attribute, _MAX_OF_MODULE)


def _is_of_application(module: Any) -> bool:
    if type(module) is not ModuleType:
        return False
    file = vars(module).get("__file__")
    return type(file) is str and own_code.is_own_code(file)


def _locals() -> Iterator[_Start]:
    """The local variables of the application's suspended functions: a lifespan waits at its `yield`."""
    for suspended in [obj for obj in gc.get_objects() if class_name(obj) in _SUSPENDED]:
        prefix = _SUSPENDED[class_name(suspended)]
        frame = getattr(suspended, f"{prefix}_frame", None)
        if frame is None or not own_code.is_own_code(frame.f_code.co_filename):
            continue
        function = suspended.__qualname__
        variables = frame.f_locals
        values = list(variables.items())
        if type(variables) is dict:
            variables.clear()  # before Python 3.13 a copy, which the frame would keep
        for name, value in values:
            yield _Start(Holder("local", name, function), value, _MAX_OF_LOCAL)


class _Search:
    """Walks from one start after the other, and enters each object once: what it leads to is known from then on.

    Args:
        missing: ids of the objects that no holder has been found for.
        stop: ids of further objects that are not entered.

    Attributes:
        missing: see above; what is found is removed.
        found: holders by the id of what they hold.
        visited: how many objects have been visited.
    """

    def __init__(self, missing: set[int], stop: set[int]) -> None:
        self.missing = missing
        self.found: dict[int, Holder] = {}
        self.visited = 0
        self._entered = missing | stop

    def look(self, start: _Start) -> None:
        """Find what one start refers to."""
        holder, value, limit = start
        if id(value) in self.missing:
            self._note(id(value), holder)
            return
        if not object_graph.is_followed(value) or _is_opaque(value):
            return
        trail = object_graph.Trail()
        for node in object_graph.reachable(value, self._entered, limit, trail):
            if id(node) in self.missing:
                path = object_graph.format_path(trail.steps(id(node)), holder.path)
                self._note(id(node), Holder(holder.kind, path.replace(_MEMBER, ""), holder.owner))
            elif _is_opaque(node):
                self._entered.add(id(node))
        self.visited += len(trail)
        self._entered |= trail.entered()

    def _note(self, node: int, holder: Holder) -> None:
        self.missing.discard(node)
        self.found[node] = holder


def _is_opaque(node: Any) -> bool:
    """Whether an object of the machinery refers to others without being what keeps them: a loop, a thread, a task."""
    return issubclass(type(node), _MACHINERY) or class_name(node) in _SUSPENDED
