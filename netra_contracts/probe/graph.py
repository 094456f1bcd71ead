"""Walks the object graph without running the application's code, and tells each object's path.

Followed: instance dictionaries, slots, containers, closures, defaults, bound methods, partials, and what the garbage
collector knows of the rest. Not followed: weak references, functions' globals, modules, classes.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterator
from typing import Any

from .statics import instance_dict, kind_name, slots

# Types are told apart by identity: a metaclass may define what `==` and `hash` of a class do.
_ATOMS = frozenset(
    id(kind) for kind in (bool, int, float, complex, str, bytes, bytearray, type(None), type(Ellipsis), range, slice)
)
_OPAQUE = frozenset(["module", "weakref", "ReferenceType", "frame", "code", "traceback", "builtin_function_or_method"])

Child = tuple[str, Any]


def is_followed(thing: Any) -> bool:
    """Whether a walk goes into an object, or counts it at all."""
    kind = type(thing)
    return id(kind) not in _ATOMS and not issubclass(kind, type) and kind_name(thing) not in _OPAQUE


def children(thing: Any) -> Iterator[Child]:
    """What an object holds, each with the step that leads there: `._queue`, `[3]`, `['alice']`."""
    kind = type(thing)
    if issubclass(kind, dict):
        for key, value in list(dict.items(thing)):
            yield f"[{_shown(key)}]", value
            if id(type(key)) not in _ATOMS:
                yield ".keys()", key
    elif issubclass(kind, (list, tuple, deque)):
        for position, value in enumerate(_items(thing)):
            yield f"[{position}]", value
    elif issubclass(kind, (set, frozenset)):
        for value in _items(thing):
            yield "{...}", value
    elif kind_name(thing) == "function":
        yield from _of_function(thing)
        return
    elif kind_name(thing) == "method":
        yield ".__self__", thing.__self__
        yield ".__func__", thing.__func__
        return
    yield from _attributes(thing)


def _items(thing: Any) -> list[Any]:
    """Members of a container, subclass or not, by the container's own iterator and none of the subclass's."""
    for base in (list, tuple, set, frozenset, deque):
        if issubclass(type(thing), base):
            return [*base.__iter__(thing)]
    return []


def _attributes(thing: Any) -> Iterator[Child]:
    own = instance_dict(thing)
    seen = set()
    for name, value in list(dict.items(own)) if own is not None else ():
        seen.add(id(value))
        yield f".{name}", value
    for name, value in slots(thing):
        seen.add(id(value))
        yield f".{name}", value
    if not issubclass(type(thing), (dict, list, tuple, set, frozenset, deque)):
        for value in gc.get_referents(thing):
            if id(value) not in seen and value is not own and not issubclass(type(value), type):
                yield "->", value


def _of_function(function: Any) -> Iterator[Child]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            yield f".<closure {name}>", cell.cell_contents
        except ValueError:  # an empty cell
            continue
    for position, value in enumerate(function.__defaults__ or ()):
        yield f".__defaults__[{position}]", value
    for name, value in (function.__kwdefaults__ or {}).items():
        yield f".__kwdefaults__[{name!r}]", value
    for name, value in dict.items(function.__dict__):
        yield f".{name}", value


def _shown(key: Any) -> str:
    """A key of a mapping: names are shown, as they are what a reader looks for; anything else by its type."""
    if type(key) is str:
        return repr(key if len(key) <= 40 else key[:39] + "\u2026")
    return repr(key) if type(key) is int or type(key) is bool else f"<{kind_name(key)}>"


def walk(root: Any, stop: set[int], most: int) -> Iterator[tuple[Any, str]]:
    """All objects reachable from `root`, nearest first, each once, with the path that leads there.

    Args:
        root: where to begin; not given back itself.
        stop: ids of objects that are given back but not gone into.
        most: how many objects to look at.
    """
    seen = {id(root)}
    queue: deque[tuple[Any, str]] = deque([(root, "")])
    while queue and len(seen) < most:
        thing, path = queue.popleft()
        for step, child in children(thing):
            if id(child) in seen or not is_followed(child):
                continue
            seen.add(id(child))
            here = path + step
            yield child, here
            if id(child) not in stop:
                queue.append((child, here))
