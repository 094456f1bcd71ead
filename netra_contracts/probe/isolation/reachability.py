"""Maps the objects that instances of several users reach."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Container, Iterable, Iterator
from contextvars import Context
from typing import Any, Literal, NamedTuple

from ...protocol.location import Location
from ...protocol.observed.clients import IdentityInState
from ...protocol.users import user_name
from ..inspection import object_graph
from ..inspection.safe_inspect import class_name
from . import kept_by_code
from .sharing_policy import MACHINERY, SharingPolicy

#: How many objects of one entry are searched for a user id.
_MAX_SEARCHED = 10_000
#: How many occurrences of one user's id within reach of another user are kept.
_MAX_OCCURRENCES = 20
#: How many entries of a cache are searched for user ids, and how many objects of each.
_MAX_ENTRIES, _MAX_IN_ENTRY = 1000, 200


class Canaries:
    """User ids that any text can be searched for: each has a random canary, the number of the user, and an end."""

    def __init__(self, count: int) -> None:
        self._canary = f"~{os.urandom(5).hex()}~"
        self._bytes = self._canary.encode()
        self.ids = [self.id_of(number) for number in range(count)]

    def id_of(self, number: int) -> str:
        """The id of a user."""
        return f"{user_name(number)}{self._canary}{number}~"

    def owners(self, text: Any) -> Iterator[int]:
        """The numbers of the users whose ids a `str` or `bytes` contains."""
        canary: Any = self._canary if type(text) is str else self._bytes
        last: Any = "~" if type(text) is str else b"~"
        at = text.find(canary)
        while at >= 0:
            end = at = at + len(canary)
            while text[end : end + 1].isdigit():
                end += 1
            if end > at and text[end : end + 1] == last:
                yield int(text[at:end])
            at = text.find(canary, end)


class SharedNode(NamedTuple):
    """A mutable object that several users reach.

    Attributes:
        node: the object.
        first: the number of the first user who reaches it.
        second: the number of the next one.
        users: how many users reach it.
    """

    node: Any
    first: int
    second: int
    users: int = 2


class ClassOrigin(NamedTuple):
    """Where an object comes from that a class holds for all of its instances.

    `holder` is the class or, for a default argument, the function.
    """

    kind: Literal["class attribute", "default argument", "closure"]
    holder: Any


class ReachabilityMap:
    """Records every object that the instances of all users reach.

    Each object is entered once. An object that cannot change is entered a second time when a second user reaches it,
    because what it refers to may be shared and mutable.

    Args:
        policy: decides at which objects a walk ends, and which objects can change.
        stop: ids of the objects that belong to the application, not to a user.
        canaries: the ids of the users.
        root: the name of an instance in paths.
        named: keys of mappings that paths may contain.
        created: ids of objects in descriptors that were created with the instances.

    Attributes:
        shared: mutable objects that more than one user reaches, by id.
        origins: where objects come from that classes hold for all of their instances, by id.
    """

    def __init__(
        self,
        policy: SharingPolicy,
        stop: set[int],
        canaries: Canaries,
        root: str,
        named: frozenset[str] = frozenset(),
        created: Container[int] = (),
    ) -> None:
        self._policy = policy
        self._stop = stop
        self._canaries = canaries
        self._root = root
        self._named = named
        self._created = created
        self._owner: dict[int, int] = {}
        self._trails: dict[int, object_graph.Trail] = {}
        self._entered_twice: set[int] = set()
        self.shared: dict[int, SharedNode] = {}
        self.origins: dict[int, ClassOrigin] = {}
        #: By the owner of an id and the user who reaches it: the object that holds the text, and the step to the text.
        self._foreign_ids: dict[tuple[int, int], list[tuple[int, object_graph.Step]]] = {}

    def __len__(self) -> int:
        return len(self._owner)

    def path_to(self, user: int, node: Any) -> str:
        """The path from a user's instance to an object."""
        return object_graph.format_path(self._trails[user].steps(id(node)), self._root, self._named)

    def add(self, user: int, instance: Any, allowed: Iterable[Any], context: Context | None = None) -> None:
        """Record what the instance of one more user reaches.

        Args:
            user: the number of the user.
            instance: the user's instance.
            allowed: objects that the contract allows users to share.
            context: the values of context variables for the user.
        """
        trail = self._trails[user] = object_graph.Trail()
        self._owner[id(instance)] = user
        stop = self._stop.union(map(id, allowed), (id(instance),))
        queue = deque([instance])
        code: deque[tuple[Any, list[object_graph.Child]]] = deque()
        while queue:
            node = queue.popleft()
            for step, child in self._children(node):
                if type(child) is str or type(child) is bytes:
                    self._record_ids(user, node, step, child)
                elif self._is_followed(child, stop, trail):
                    if self._enter(user, node, step, child, self._is_shared(child)):
                        queue.append(child)
                elif self._policy.is_cache(child) and id(child) not in stop and id(child) not in trail:
                    trail.note(id(child), id(node), step)
                    code.append((child, [*self._cached(child)]))
            code.append((node, [*kept_by_code.of_class(self._policy, node)]))
            if context is not None:
                code.append((instance, [*kept_by_code.of_context(self._policy, node, context)]))
        self._add_kept_by_code(user, code, stop)

    def _add_kept_by_code(self, user: int, queue: deque[tuple[Any, list[object_graph.Child]]], stop: set[int]) -> None:
        """Record what the code of classes reaches, which is mostly constant: see `kept_by_code`."""
        trail = self._trails[user]
        while queue:
            node, children = queue.popleft()
            for step, child in children:
                if type(child) is str or type(child) is bytes:
                    self._record_ids(user, node, step, child)
                elif self._is_followed(child, stop, trail):
                    changes = kept_by_code.is_to_be_filled(node, step, child) or id(child) in self._created
                    if changes and class_name(node) == "function":
                        self.origins[id(child)] = ClassOrigin("closure", node)
                    entered = self._enter(user, node, step, child, changes)
                    if entered or step[0] == "class attribute" or class_name(child) == "function":
                        queue.append((child, [*kept_by_code.children(child), *self._cached(child)]))

    def _enter(self, user: int, node: Any, step: object_graph.Step, child: Any, is_shared: bool) -> bool:
        """Record that a user reaches an object, and decide whether to enter it."""
        self._trails[user].note(id(child), id(node), step)
        first = self._owner.setdefault(id(child), user)
        if first == user:
            return True
        if is_shared:
            self._record_shared(child, first, user)
            return False
        entered = id(child) in self._entered_twice
        self._entered_twice.add(id(child))
        return not entered

    def _cached(self, node: Any) -> Iterator[object_graph.Child]:
        """The values in a dictionary or cache under keys that do not belong to one user each."""
        entries = kept_by_code.cached(node)[:_MAX_ENTRIES]
        owners = [(self._owners_in(key), self._owners_in(value)) for key, value in entries]
        for key, value in kept_by_code.reachable_by_others(entries, owners):
            yield ("entry", key), value

    def _owners_in(self, value: Any) -> frozenset[int]:
        """The users whose ids a value contains."""
        found = set(self._canaries.owners(value)) if type(value) in (str, bytes) else set()
        if object_graph.is_followed(value):
            nodes = object_graph.reachable(value, self._stop, _MAX_IN_ENTRY, object_graph.Trail())
            for node in (value, *nodes):
                for _, child in object_graph.referents(node):
                    if type(child) is str or type(child) is bytes:
                        found.update(self._canaries.owners(child))
        return frozenset(found)

    def _children(self, node: Any) -> Iterator[object_graph.Child]:
        """What an object refers to, its class's mutable attributes and the defaults of its methods included."""
        if self._policy.is_opaque(node):
            return
        for step, child in object_graph.referents(node):
            if step[0] != "attribute" or step[1] not in MACHINERY:
                yield step, child
        for cls, name, value in self._policy.class_attributes(node):
            if class_name(value) == "function":
                for (_, key), child in object_graph.defaults_of(value):
                    self.origins[id(child)] = ClassOrigin("default argument", value)
                    yield ("class attribute", f"{name}.{key}"), child
            else:
                self.origins[id(value)] = ClassOrigin("class attribute", cls)
                yield ("class attribute", name), value

    def _is_followed(self, child: Any, stop: set[int], trail: object_graph.Trail) -> bool:
        """Whether a user's walk counts an object: new to this walk, not the application's, not an immutable value."""
        if id(child) in trail or id(child) in stop or not object_graph.is_followed(child):
            return False
        return not self._policy.is_boundary(child)

    def _is_shared(self, child: Any) -> bool:
        """Whether an object that another user reaches as well can change."""
        return id(child) in self.shared or self._policy.is_mutable(child)

    def _record_shared(self, child: Any, first: int, user: int) -> None:
        known = self.shared.get(id(child))
        node = SharedNode(child, first, user) if known is None else known._replace(users=known.users + 1)
        self.shared[id(child)] = node

    def _record_ids(self, user: int, node: Any, step: object_graph.Step, text: Any) -> None:
        """Record the ids of other users that a text contains."""
        for owner in self._canaries.owners(text):
            if owner != user:
                occurrences = self._foreign_ids.setdefault((owner, user), [])
                if len(occurrences) < _MAX_OCCURRENCES:
                    occurrences.append((id(node), step))

    def leaks(self) -> Iterator[tuple[int, int, str]]:
        """The owner of an id, the user who reaches it, and a path: if possible one that passes no shared object."""
        for (owner, user), occurrences in self._foreign_ids.items():
            trail = self._trails[user]
            unshared = (found for found in occurrences if self.shared.keys().isdisjoint(trail.passed(found[0])))
            holder, step = next(unshared, occurrences[0])
            yield owner, user, object_graph.format_path([*trail.steps(holder), step], self._root, self._named)


def find_user_ids(
    canary: str, written: dict[str, Location | None], entries: list[tuple[str, Any]]
) -> tuple[IdentityInState, ...]:
    """Entries that were written while users were served, and from which a user's id can be reached.

    Args:
        canary: a text that is part of every user's id and of nothing else.
        written: where each of those entries was last written.
        entries: addresses and objects of all entries.
    """
    others = {id(node) for address, node in entries if address not in written}
    found = []
    for address, node in entries:
        path = _path_to_text(canary, node, others) if canary and address in written else None
        if path is not None:
            found.append(IdentityInState(address, path, written[address]))
    return tuple(found)


def _path_to_text(canary: str, root: Any, stop: set[int]) -> str | None:
    """The path from an object to a text that contains `canary`; None if none was found."""
    if type(root) is str:
        return "" if canary in root else None
    trail = object_graph.Trail()
    queue = deque([root])
    while queue and len(trail) < _MAX_SEARCHED:
        node = queue.popleft()
        for step, child in object_graph.referents(node):
            if type(child) is str and canary in child:
                return object_graph.format_path([*trail.steps(id(node)), step])
            if (
                id(child) not in trail
                and id(child) not in stop
                and child is not root
                and object_graph.is_followed(child)
            ):
                trail.note(id(child), id(node), step)
                queue.append(child)
    return None
