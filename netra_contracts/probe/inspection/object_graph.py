"""Walks the object graph without running the application's code, and formats the path to each object.

Followed: instance dictionaries, slots, containers, closures, defaults, bound methods, partials, and for other objects
the references that the garbage collector knows. Not followed: weak references, globals of functions, modules, classes.
"""

from __future__ import annotations

import functools
import gc
import sys
from collections import deque
from collections.abc import Container, Iterable, Iterator
from typing import Any

from . import own_code
from .safe_inspect import PLAIN, class_name, has_hidden_state, instance_dict, slots

#: Classes of objects that a walk does not visit, by `id`.
ATOMS = PLAIN.union(id(cls) for cls in (type(Ellipsis), range, slice))
_OPAQUE = frozenset(["module", "weakref", "ReferenceType", "frame", "code", "traceback"])
#: The attributes that refer to what a method is bound to. `__self__` of `list.append` is the list.
_BOUND = {"method": ("__self__", "__func__"), "builtin_function_or_method": ("__self__",)}
#: The attribute with the frame of a suspended generator or coroutine.
_FRAMES = {"generator": "gi_frame", "coroutine": "cr_frame", "async_generator": "ag_frame"}
#: The builtin classes of objects that contain others and can change.
CONTAINERS = (dict, list, set, deque, bytearray)
_SEQUENCES = (list, tuple, deque)
_SETS = (set, frozenset)
#: How one object refers to another: a form, and the key within that form. Formatted only when a path is reported,
#: because most steps never are.
Step = tuple[str, Any]
Child = tuple[Step, Any]


def is_followed(node: Any) -> bool:
    """Whether a walk visits an object."""
    cls = type(node)
    return id(cls) not in ATOMS and not issubclass(cls, type) and class_name(node) not in _OPAQUE


def referents(node: Any) -> Iterator[Child]:
    """The objects that an object refers to, each with the step that leads there."""
    name = class_name(node)
    if name in _BOUND:
        if name == "method" and _is_of_probe(node.__func__):
            return
        for attribute in _BOUND[name]:
            yield ("attribute", attribute), getattr(node, attribute)
    elif name == "function":
        yield from of_function(node)
    elif type(node) is functools.partial:
        yield from _of_partial(node)
    elif name in _FRAMES and sys.version_info < (3, 11):
        yield from _of_suspended(node, getattr(node, _FRAMES[name]))
    else:
        yield from _contents(node)
        yield from _attributes(node)


def _of_partial(node: Any) -> Iterator[Child]:
    """What a partial refers to. The dictionary of its keyword arguments is its own, and it never changes."""
    yield ("attribute", "func"), node.func
    yield ("attribute", "args"), node.args
    for name, value in node.keywords.items():
        yield ("attribute", f"keywords[{name!r}]"), value
    for name, value in node.__dict__.items():
        yield ("attribute", name), value


def _of_suspended(node: Any, frame: Any) -> Iterator[Child]:
    """What a generator or coroutine refers to. Before Python 3.11, its local variables belong to its frame object."""
    if frame is None:  # it has ended
        return
    ignored = {id(other) for other in (frame.f_globals, frame.f_builtins, frame.f_code, frame.f_back, node)}
    for value in gc.get_referents(frame):
        if id(value) not in ignored:
            yield ("reference", None), value


def _contents(node: Any) -> Iterator[Child]:
    """The members of a container; nothing for any other object."""
    cls = type(node)
    if class_name(node) == "mappingproxy":
        node, cls = _behind_view(node), dict
    if issubclass(cls, dict):
        for key, value in list(dict.items(node)):
            yield ("entry", key), value
            if type(key) is str or id(type(key)) not in ATOMS:
                yield ("key", None), key
    elif issubclass(cls, _SEQUENCES):
        for position, value in enumerate(members(node)):
            yield ("item", position), value
    elif issubclass(cls, _SETS):
        for value in members(node):
            yield ("member", None), value


def _behind_view(view: Any) -> Any:
    """The dictionary behind a read-only view; an empty one if it is a view of another mapping."""
    return next((value for value in gc.get_referents(view) if issubclass(type(value), dict)), {})


def members(node: Any) -> list[Any]:
    """The members of a container, by the iterator of the builtin class and not of a subclass."""
    for base in (*_SEQUENCES, *_SETS):
        if issubclass(type(node), base):
            return [*base.__iter__(node)]
    return []


def _attributes(node: Any) -> Iterator[Child]:
    own = instance_dict(node)
    seen = set()
    for name, value in list(dict.items(own)) if own is not None else ():
        seen.add(id(value))
        yield ("attribute", name), value
    for name, value in slots(node):
        seen.add(id(value))
        yield ("attribute", name), value
    cls = type(node)
    if (
        class_name(node) != "mappingproxy"
        and has_hidden_state(cls)
        and not issubclass(cls, (dict, *_SEQUENCES, *_SETS))
    ):
        for value in gc.get_referents(node):
            if id(value) not in seen and value is not own and not issubclass(type(value), type):
                yield ("reference", None), value


def of_function(function: Any) -> Iterator[Child]:
    """The objects that a function refers to: closure, defaults, attributes. None for a hook of the probe."""
    if _is_of_probe(function):
        return
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            yield ("attribute", f"<closure {name}>"), cell.cell_contents
        except ValueError:  # an empty cell
            continue
    yield from defaults_of(function)
    for name, value in dict.items(function.__dict__):
        yield ("attribute", name), value


def _is_of_probe(function: Any) -> bool:
    """Whether an object is a function of the probe: as a bound method, it leads to the probe's own objects."""
    return class_name(function) == "function" and own_code.is_probe(function.__code__.co_filename)


def defaults_of(function: Any) -> Iterator[Child]:
    """The default values of a function's parameters."""
    for position, value in enumerate(function.__defaults__ or ()):
        yield ("attribute", f"__defaults__[{position}]"), value
    for name, value in (function.__kwdefaults__ or {}).items():
        yield ("attribute", f"__kwdefaults__[{name!r}]"), value


def format_path(steps: Iterable[Step], root: str = "", named: Container[str] = ()) -> str:
    """A path in Python syntax as far as possible, such as `._emitter._queue[3]`, after `root`.

    The key of a mapping may be a secret or personal data: it is written as its type, such as `[<str>]`, unless it is
    one of `named`.
    """
    path = root
    for form, key in steps:
        if form == "attribute":
            path += f".{key}"
        elif form == "entry":
            path += f"[{key!r}]" if type(key) is str and key in named else f"[<{class_name(key)}>]"
        elif form in ("item", "variable"):
            path += f"[{key!r}]"
        elif form == "class attribute":
            path = f"type({path}).{key}"
        elif form == "context variable":
            path = f"{key}.get()"
        else:
            path += {"key": ".keys()", "member": "{...}", "reference": "->"}[form]
    return path


class Trail:
    """How a walk reached each object: the object before it, and the step from there. By `id`, for living objects."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[int, Step]] = {}

    def __contains__(self, node: int) -> bool:
        return node in self._before

    def __len__(self) -> int:
        return len(self._before)

    def note(self, node: int, before: int, step: Step) -> None:
        """Record that the walk reached `node` from `before`."""
        self._before[node] = (before, step)

    def entered(self) -> set[int]:
        """The ids of the objects from which others were reached."""
        return {before for before, _ in self._before.values()}

    def back(self, node: int) -> Iterator[tuple[int, Step]]:
        """The ids of the objects before an object, nearest first, each with the step from there."""
        while node in self._before:
            before, step = self._before[node]
            yield before, step
            node = before

    def passed(self, node: int) -> Iterator[int]:
        """The ids of the objects on the path to an object, starting with the object itself."""
        while node in self._before:
            yield node
            node, _ = self._before[node]

    def steps(self, node: int) -> list[Step]:
        """All steps to an object, beginning at the root."""
        found = []
        while node in self._before:
            node, step = self._before[node]
            found.append(step)
        return found[::-1]


def reachable(root: Any, stop: set[int], max_nodes: int, trail: Trail) -> Iterator[Any]:
    """All objects reachable from `root`, nearest first, each once.

    Args:
        root: where the walk begins; not yielded itself.
        stop: ids of objects that are yielded but not entered.
        max_nodes: the number of objects after which the walk ends.
        trail: records how each object was reached.
    """
    queue: deque[Any] = deque([root])
    while queue and len(trail) < max_nodes:
        node = queue.popleft()
        for step, child in referents(node):
            if id(child) in trail or child is root or not is_followed(child):
                continue
            trail.note(id(child), id(node), step)
            yield child
            if id(child) not in stop:
                queue.append(child)
