"""Walks the object graph without running the application's code, and tells each object's path.

Followed: instance dictionaries, slots, containers, closures, defaults, bound methods, partials, and what the garbage
collector knows of the rest. Not followed: weak references, functions' globals, modules, classes.
"""

from __future__ import annotations

import gc
import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from .safe_inspect import has_hidden_state, instance_dict, kind_name, slots

# Types are told apart by identity: a metaclass may define what `==` and `hash` of a class do.
ATOMS = frozenset(
    id(kind) for kind in (bool, int, float, complex, str, bytes, type(None), type(Ellipsis), range, slice)
)
_OPAQUE = frozenset(["module", "weakref", "ReferenceType", "frame", "code", "traceback"])
#: What methods are bound to; `__self__` of a builtin is the list of its `append`, or the module of a function.
_BOUND = {"method": ("__self__", "__func__"), "builtin_function_or_method": ("__self__",)}
_SEQUENCES = (list, tuple, deque)
_SETS = (set, frozenset)
#: Keys that are shown in paths: words. Others may be values of the application.
_WORD = re.compile(r"[A-Za-z_][A-Za-z_.-]{0,39}\d{0,2}")

#: How an object leads to another: a form, and what tells it from others of that form. Written out only where a path is
#: told, since most steps never are.
Step = tuple[str, Any]
Child = tuple[Step, Any]


def is_followed(thing: Any) -> bool:
    """Whether a walk goes into an object, or counts it at all."""
    kind = type(thing)
    return id(kind) not in ATOMS and not issubclass(kind, type) and kind_name(thing) not in _OPAQUE


def referents(thing: Any) -> Iterator[Child]:
    """What an object holds, each with the step that leads there."""
    name = kind_name(thing)
    if name in _BOUND:
        for attribute in _BOUND[name]:
            yield ("attribute", attribute), getattr(thing, attribute)
    elif name == "function":
        yield from of_function(thing)
    else:
        yield from _contents(thing)
        yield from _attributes(thing)


def _contents(thing: Any) -> Iterator[Child]:
    """What a container contains; nothing of what is none."""
    kind = type(thing)
    if issubclass(kind, dict):
        for key, value in list(dict.items(thing)):
            yield ("item", key), value
            if type(key) is str or id(type(key)) not in ATOMS:
                yield ("key", None), key
    elif issubclass(kind, _SEQUENCES):
        for position, value in enumerate(members(thing)):
            yield ("item", position), value
    elif issubclass(kind, _SETS):
        for value in members(thing):
            yield ("member", None), value


def members(thing: Any) -> list[Any]:
    """Members of a container, subclass or not, by the container's own iterator and none of the subclass's."""
    for base in (*_SEQUENCES, *_SETS):
        if issubclass(type(thing), base):
            return [*base.__iter__(thing)]
    return []


def _attributes(thing: Any) -> Iterator[Child]:
    own = instance_dict(thing)
    seen = set()
    for name, value in list(dict.items(own)) if own is not None else ():
        seen.add(id(value))
        yield ("attribute", name), value
    for name, value in slots(thing):
        seen.add(id(value))
        yield ("attribute", name), value
    kind = type(thing)
    if has_hidden_state(kind) and not issubclass(kind, (dict, *_SEQUENCES, *_SETS)):
        for value in gc.get_referents(thing):
            if id(value) not in seen and value is not own and not issubclass(type(value), type):
                yield ("reference", None), value


def of_function(function: Any) -> Iterator[Child]:
    """What a function keeps: closure, defaults, attributes."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            yield ("attribute", f"<closure {name}>"), cell.cell_contents
        except ValueError:  # an empty cell
            continue
    yield from defaults_of(function)
    for name, value in dict.items(function.__dict__):
        yield ("attribute", name), value


def defaults_of(function: Any) -> Iterator[Child]:
    """The objects that a function's arguments are where a call leaves them out."""
    for position, value in enumerate(function.__defaults__ or ()):
        yield ("attribute", f"__defaults__[{position}]"), value
    for name, value in (function.__kwdefaults__ or {}).items():
        yield ("attribute", f"__kwdefaults__[{name!r}]"), value


def format_path(steps: Iterable[Step], root: str = "") -> str:
    """A path as Python would write it, as far as it can: `._emitter._queue[3]`, after `root`."""
    path = root
    for form, key in steps:
        if form == "attribute":
            path += f".{key}"
        elif form == "item":
            path += f"[{_shown(key)}]"
        elif form == "class attribute":
            path = f"type({path}).{key}"
        else:
            path += {"key": ".keys()", "member": "{...}", "reference": "->"}[form]
    return path


def _shown(key: Any) -> str:
    """A key of a mapping: words are shown, as they are what a reader looks for; anything else by its type."""
    if type(key) is str:
        return repr(key) if _WORD.fullmatch(key) else "<str>"
    return repr(key) if type(key) is int or type(key) is bool else f"<{kind_name(key)}>"


class Trail:
    """How a walk came to each object: the object before it, and the step from there. By id, for living objects."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[int, Step]] = {}

    def __contains__(self, thing: int) -> bool:
        return thing in self._before

    def __len__(self) -> int:
        return len(self._before)

    def note(self, thing: int, before: int, step: Step) -> None:
        """The walk came to `thing` from `before`."""
        self._before[thing] = (before, step)

    def passed(self, thing: int) -> Iterator[int]:
        """The ids of the objects on the way to an object, itself first."""
        while thing in self._before:
            yield thing
            thing, _ = self._before[thing]

    def steps(self, thing: int) -> list[Step]:
        """All steps to an object, from the root on."""
        found = []
        while thing in self._before:
            thing, step = self._before[thing]
            found.append(step)
        return found[::-1]


def reachable(root: Any, stop: set[int], most: int, trail: Trail) -> Iterator[Any]:
    """All objects reachable from `root`, nearest first, each once.

    Args:
        root: where to begin; not given back itself.
        stop: ids of objects that are given back but not gone into.
        most: how many objects to look at.
        trail: takes down how each was reached.
    """
    queue: deque[Any] = deque([root])
    while queue and len(trail) < most:
        thing = queue.popleft()
        for step, child in referents(thing):
            if id(child) in trail or child is root or not is_followed(child):
                continue
            trail.note(id(child), id(thing), step)
            yield child
            if id(child) not in stop:
                queue.append(child)
