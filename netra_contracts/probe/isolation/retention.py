"""Finds what keeps instances alive after their release: components, modules, classes and context variables."""

from __future__ import annotations

import contextvars
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ...protocol.observed.isolation import GrowingContainer, RetainedInstance
from ..inspection import object_graph
from ..inspection.safe_inspect import class_name, mro, type_name
from .bounded_caches import BoundedCaches
from .evictions import Evictions
from .sharing_policy import SharingPolicy

_CLASS_DICT = type.__dict__["__dict__"]
#: How many objects of modules, classes and context variables one walk searches, and for how long, in seconds of the
#: processor. It looks at the clock after each `_CLOCK_EVERY` objects.
_MAX_IN_NAMESPACES, _MAX_S, _CLOCK_EVERY = 100_000, 0.4, 500
#: The packages of the tool that run in the target's process.
_OWN_PACKAGES = tuple(f"{__name__.partition('.probe.')[0]}.{name}" for name in ("probe", "protocol"))


class Root(NamedTuple):
    """An object from which a walk begins.

    Attributes:
        name: how paths begin.
        node: the object.
        is_namespace: whether it is a dictionary of names that the code defines, not of data.
        is_component: whether it is an entry of a state.
    """

    name: str
    node: Any
    is_namespace: bool = False
    is_component: bool = True


class Retained(NamedTuple):
    """A path to a retained instance, and the last container on it: where the instance is, or an object that holds it.

    `container` is None if only attributes lead to the instance.
    """

    instance: RetainedInstance
    container: Any
    key: Any


class KeyedById(NamedTuple):
    """A container with an entry for an object, under the object's `id`."""

    instance: RetainedInstance
    container: Any
    key: int

    def remains(self) -> bool:
        """Whether the entry is still there."""
        return any(key == self.key for key in _whole_numbers(self.container))


def namespaces(policy: SharingPolicy) -> Iterator[Root]:
    """The application's own modules and classes, and the values of context variables."""
    classes: dict[int, type] = {}
    modules = []
    for name, module in list(sys.modules.items()):
        if class_name(module) != "module" or name.startswith(_OWN_PACKAGES) or not policy.is_own_module(name):
            continue
        names = vars(module)
        if isinstance(names.get("__file__"), str):
            modules.append(Root(f"module {name}", names, is_namespace=True, is_component=False))
            _add_classes(classes, names, policy)
    yield from modules
    for cls in list(classes.values()):
        members = dict(_CLASS_DICT.__get__(cls))
        yield Root(f"class {type_name(cls).replace(':', '.')}", members, is_namespace=True, is_component=False)
    for variable, value in contextvars.copy_context().items():
        if object_graph.is_followed(value):
            yield Root(f"context variable {variable.name!r}", value, is_component=False)


def _add_classes(found: dict[int, type], names: Any, policy: SharingPolicy) -> None:
    """Add the application's classes that a namespace defines, and those that these contain."""
    for value in list(names.values()):
        if issubclass(type(value), type) and id(value) not in found and policy.is_own_class(value):
            found[id(value)] = value
            _add_classes(found, _CLASS_DICT.__get__(value), policy)


class RetentionRoots:
    """What may keep objects alive.

    Args:
        roots: objects from which a walk begins, the preferred holders first.
        policy: decides which objects of modules and classes keep nothing.
        starts: the functions that create and release instances, and what runs beside them.
        owned: ids of objects that belong to the application and are not entered, unless they are roots.
        named: keys of mappings that contracts name, and that paths therefore may contain.

    Attributes:
        keyed: containers with entries under the ids of the objects that `of` last looked for.
        searched_in_part: whether the last walk did not enter all objects of modules and classes: there are too many.
    """

    def __init__(
        self,
        roots: Iterable[Root],
        policy: SharingPolicy,
        starts: Iterable[Any] = (),
        owned: Iterable[int] = (),
        named: frozenset[str] = frozenset(),
    ) -> None:
        self._roots = {id(root.node): root for root in reversed(list(roots))}
        self._policy = policy
        self._owned = frozenset(owned)
        self._named = named
        evictions = Evictions(starts)
        for root in self._roots.values():
            evictions.add(root.node.values() if root.is_namespace else _methods(root.node))
        self._caches = BoundedCaches(evictions)
        self._nodes: dict[int, Any] = {}
        self.keyed: list[KeyedById] = []
        self.searched_in_part = False

    def of(self, wanted: dict[int, str], bounded: bool = False) -> list[Retained]:
        """The first path to each of some objects, given by id with the names of their users.

        Args:
            wanted: the objects.
            bounded: whether to search caches with a limit as well.
        """
        found: dict[int, Retained] = {}
        self.keyed.clear()
        if not wanted:
            return []
        for holder, trail, node in self._walk(wanted.keys(), bounded):
            for key in _whole_numbers(node):
                if key in wanted:
                    path = object_graph.format_path(trail.steps(id(node)), named=self._named)
                    self.keyed.append(KeyedById(RetainedInstance(holder, path, wanted[key], by_id=True), node, key))
            if id(node) in wanted and id(node) not in found:
                path = object_graph.format_path(trail.steps(id(node)), named=self._named)
                container, key = self._last_container(trail, id(node))
                found[id(node)] = Retained(RetainedInstance(holder, path, wanted[id(node)]), container, key)
                if len(found) == len(wanted):
                    break
        self._nodes.clear()
        return list(found.values())

    def _last_container(self, trail: object_graph.Trail, node: int) -> tuple[Any, Any]:
        for holder, (form, key) in trail.back(node):
            if form in ("item", "entry", "key", "member"):
                return self._nodes[holder], key
        return None, None

    def lengths(self) -> dict[int, tuple[Any, int]]:
        """The containers that can be reached, with their lengths."""
        return {id(node): (node, _length(node)) for _, _, node in self._walk(()) if _is_container(node)}

    def grown(self, before: dict[int, tuple[Any, int]], by: int) -> list[GrowingContainer]:
        """The containers that are longer than before by `by` or more."""
        found = []
        for holder, trail, node in self._walk(()):
            if id(node) in before and _is_container(node):
                more = _length(node) - before[id(node)][1]
                if more >= by:
                    path = object_graph.format_path(trail.steps(id(node)), named=self._named)
                    found.append(GrowingContainer(holder, path, class_name(node), more))
        return found

    def _walk(self, ends: Iterable[int], bounded: bool = False) -> Iterator[tuple[str, object_graph.Trail, Any]]:
        """All reachable objects, each once, roots first; not beyond `ends`, and not from one root into another."""
        trail = object_graph.Trail()
        ends = frozenset(ends)
        in_caches: set[int] = set()
        budget = _Budget()
        roots = list(reversed(self._roots.values()))
        self._nodes = {id(root.node): root.node for root in roots}
        queue: deque[tuple[Root, Any]] = deque((root, root.node) for root in roots)
        for root in roots:
            if not root.is_namespace:
                yield root.name, trail, root.node
        while queue:
            root, node = queue.popleft()
            is_namespace = root.is_namespace and node is root.node
            for step, child in object_graph.referents(node):
                if id(child) in trail or id(child) in in_caches or not self._is_followed(child, root):
                    continue
                if not root.is_component and budget.is_used_up():
                    break
                if not bounded and self._is_bounded(node, step, child, is_namespace):
                    in_caches.update(id(entry) for entry in _entries(child) if id(entry) not in ends)
                    continue
                trail.note(id(child), id(node), ("variable", step[1]) if is_namespace else step)
                self._nodes[id(child)] = child
                yield root.name, trail, child
                if id(child) not in ends:
                    queue.append((root, child))
        self.searched_in_part = budget.refused
        self._nodes.clear()  # keep no instance alive

    def _is_followed(self, child: Any, root: Root) -> bool:
        if id(child) in self._roots or id(child) in self._owned or not object_graph.is_followed(child):
            return False
        return root.is_component or not self._policy.is_infrastructure(child)

    def _is_bounded(self, node: Any, step: object_graph.Step, child: Any, is_namespace: bool) -> bool:
        """Whether the step leads to a container with a limit."""
        if self._caches.limits_itself(child):
            return True
        if not issubclass(type(child), object_graph.CONTAINERS) or type(step[1]) is not str:
            return False
        if is_namespace:
            return self._caches.limits_in(node, step[1])
        if step[1].startswith("<closure "):
            return self._caches.limits_name(step[1][len("<closure ") : -1])
        return step[0] == "attribute" and self._caches.limits(node, step[1])


class _Budget:
    """How many objects of modules, classes and context variables a walk may still enter.

    Attributes:
        refused: whether the limit was reached.
    """

    def __init__(self) -> None:
        self.refused = False
        self._entered = 0
        self._began = time.thread_time()

    def is_used_up(self) -> bool:
        """Count one more object, and decide whether it is entered."""
        self._entered += 1
        if not self.refused and self._entered % _CLOCK_EVERY == 0:
            self.refused = self._entered >= _MAX_IN_NAMESPACES or time.thread_time() - self._began >= _MAX_S
        return self.refused


def _methods(component: Any) -> list[Any]:
    return [value for cls in mro(type(component)) for value in list(_CLASS_DICT.__get__(cls).values())]


def _entries(container: Any) -> list[Any]:
    """The members of a container and the values of a dictionary, such as the nodes of an LRU cache."""
    if issubclass(type(container), dict):
        return list(dict.values(container))
    return object_graph.members(container)


def _whole_numbers(container: Any) -> list[int]:
    """The keys of a dictionary and members of a set that are of class `int`."""
    for base in (dict, set):
        if issubclass(type(container), base):
            return [key for key in base.__iter__(container) if type(key) is int]
    return []


def was_replaced(retained: Retained) -> bool:
    """Whether a container that no longer holds an instance still has the entry in which the instance was."""
    container, key = retained.container, retained.key
    if issubclass(type(container), dict):
        return any(known is key or (type(known) is type(key) is str and known == key) for known in dict.keys(container))
    return issubclass(type(container), list) and list.__len__(container) <= 1


def _is_container(node: Any) -> bool:
    """Whether an object could grow."""
    return issubclass(type(node), object_graph.CONTAINERS)


def _length(node: Any) -> int:
    base = next(base for base in object_graph.CONTAINERS if issubclass(type(node), base))
    size: int = base.__len__(node)
    return size
