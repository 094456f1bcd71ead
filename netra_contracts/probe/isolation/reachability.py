"""What objects reach: those that belong to users, and the application that may keep them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ...protocol.clients import IdentityInState
from ...protocol.isolation import GrowingContainer, RetainedInstance
from ...protocol.location import Location
from ...protocol.users import user_name
from ..inspection import object_graph
from ..inspection.safe_inspect import kind_name
from .sharing_policy import MACHINERY, SharingPolicy

#: How many objects are looked at for what a request left in one entry.
_NEAR = 10_000
#: How many places of one user's name within another's reach are kept.
_MOST_READINGS = 20
_CONTAINERS = (dict, list, set, deque, bytearray)
#: Read through the base: a subclass may define its own.
_MOST = deque.__dict__["maxlen"]


class Canaries:
    """User ids that are found again wherever they are copied to: a random text, the number of the user, and its end."""

    def __init__(self, count: int) -> None:
        self._mark = f"~{os.urandom(5).hex()}~"
        self._bytes = self._mark.encode()
        self.ids = [f"{user_name(number)}{self._mark}{number}~" for number in range(count)]

    def owners(self, text: Any) -> Iterator[int]:
        """The numbers of the users that a `str` or `bytes` names."""
        mark: Any = self._mark if type(text) is str else self._bytes
        last: Any = "~" if type(text) is str else b"~"
        at = text.find(mark)
        while at >= 0:
            end = at = at + len(mark)
            while text[end : end + 1].isdigit():
                end += 1
            if end > at and text[end : end + 1] == last:
                yield int(text[at:end])
            at = text.find(mark, end)


class SharedNode(NamedTuple):
    """An object that `users` users reach, the first of them `first`, the next one `second`."""

    thing: Any
    first: int
    second: int
    users: int = 2


class ReachabilityMap:
    """Everything that the instances of all users reach, each object looked into once or, if it cannot change, twice.

    Args:
        kinds: tells what a walk ends at, and what can change.
        stop: ids of the objects that belong to the application, not to a user.
        canaries: the ids of the users.
        root: what an instance is called in paths.
    """

    def __init__(self, kinds: SharingPolicy, stop: set[int], canaries: Canaries, root: str) -> None:
        self._kinds = kinds
        self._stop = stop
        self._canaries = canaries
        self._root = root
        self._owner: dict[int, int] = {}
        self._trails: dict[int, object_graph.Trail] = {}
        self._looked_into: set[int] = set()
        #: By id: mutable objects that more than one user reaches.
        self.meetings: dict[int, SharedNode] = {}
        #: By id: objects that classes hold for all instances; what they are, and the function or class.
        self.origins: dict[int, tuple[Any, Any]] = {}
        #: By owner of a name and user who reaches it: the object that holds it, and the step from there.
        self._read_in: dict[tuple[int, int], list[tuple[int, object_graph.Step]]] = {}

    def __len__(self) -> int:
        return len(self._owner)

    def way(self, user: int, thing: Any) -> str:
        """The path from a user's instance to an object."""
        return object_graph.format_path(self._trails[user].steps(id(thing)), self._root)

    def add(self, user: int, instance: Any, shared: Iterable[Any]) -> None:
        """Walk what one more user's instance reaches; `shared` are objects that are shared on purpose."""
        trail = self._trails[user] = object_graph.Trail()
        self._owner[id(instance)] = user
        stop = self._stop.union(map(id, shared), (id(instance),))
        queue = deque([instance])
        while queue:
            thing = queue.popleft()
            for step, child in self._children(thing):
                if type(child) is str or type(child) is bytes:
                    self._read(user, thing, step, child)
                elif self._is_to_be_followed(child, stop, trail):
                    trail.note(id(child), id(thing), step)
                    if self._is_to_be_entered(user, child):
                        queue.append(child)

    def _children(self, thing: Any) -> Iterator[object_graph.Child]:
        """What an object holds, with what its class holds for all instances: attributes, and its methods' defaults."""
        if self._kinds.is_closed(thing):
            return
        for step, child in object_graph.referents(thing):
            if step[0] != "attribute" or step[1] not in MACHINERY:
                yield step, child
        for kind, name, value in self._kinds.class_attributes(thing):
            if kind_name(value) == "function":
                for (_, key), child in object_graph.defaults_of(value):
                    self.origins[id(child)] = ("default argument", value)
                    yield ("class attribute", f"{name}.{key}"), child
            else:
                self.origins[id(value)] = ("class attribute", kind)
                yield ("class attribute", name), value

    def _read(self, user: int, thing: Any, step: object_graph.Step, text: Any) -> None:
        for owner in self._canaries.owners(text):
            if owner != user:
                found = self._read_in.setdefault((owner, user), [])
                if len(found) < _MOST_READINGS:
                    found.append((id(thing), step))

    def leaks(self) -> Iterator[tuple[int, int, str]]:
        """Owner of a name, user who reaches it, and the path: one past what both reach, if there is one."""
        for (owner, user), places in self._read_in.items():
            trail = self._trails[user]
            apart = (place for place in places if not any(thing in self.meetings for thing in trail.passed(place[0])))
            holder, step = next(apart, places[0])
            yield owner, user, object_graph.format_path([*trail.steps(holder), step], self._root)

    def _is_to_be_followed(self, child: Any, stop: set[int], trail: object_graph.Trail) -> bool:
        if id(child) in trail or id(child) in stop or not object_graph.is_followed(child):
            return False
        return not self._kinds.ends(child)

    def _is_to_be_entered(self, user: int, child: Any) -> bool:
        """What another user reaches too is not looked into again; unless it cannot change, but what it leads to can."""
        first = self._owner.setdefault(id(child), user)
        if first == user:
            return True
        known = self.meetings.get(id(child))
        if known is not None:
            self.meetings[id(child)] = known._replace(users=known.users + 1)
            return False
        if self._kinds.is_mutable(child):
            self.meetings[id(child)] = SharedNode(child, first, user)
            return False
        entered = id(child) in self._looked_into
        self._looked_into.add(id(child))
        return not entered


class RetentionRoots:
    """What may keep objects alive: the application's components, and behind them its modules.

    Args:
        roots: names and objects to begin with, the nearest holders first.
    """

    def __init__(self, roots: Iterable[tuple[str, Any]]) -> None:
        self._roots = {id(thing): (name, thing) for name, thing in reversed(list(roots))}

    def of(self, wanted: dict[int, str]) -> list[RetainedInstance]:
        """The first way to each of some objects, given by id with the names of their users."""
        found: dict[int, RetainedInstance] = {}
        for holder, trail, thing in self._walk(wanted.keys()):
            if id(thing) in wanted and id(thing) not in found:
                path = object_graph.format_path(trail.steps(id(thing)))
                found[id(thing)] = RetainedInstance(holder, path, wanted[id(thing)])
        return list(found.values())

    def lengths(self) -> dict[int, tuple[Any, int]]:
        """The containers that are reached, with their lengths."""
        return {id(thing): (thing, _length(thing)) for _, _, thing in self._walk(()) if _is_container(thing)}

    def grown(self, before: dict[int, tuple[Any, int]], by: int) -> list[GrowingContainer]:
        """The containers that have become longer by `by` or more."""
        found = []
        for holder, trail, thing in self._walk(()):
            if id(thing) in before and _is_container(thing):
                more = _length(thing) - before[id(thing)][1]
                if more >= by:
                    path = object_graph.format_path(trail.steps(id(thing)))
                    found.append(GrowingContainer(holder, path, kind_name(thing), more))
        return found

    def _walk(self, ends: Iterable[int]) -> Iterator[tuple[str, object_graph.Trail, Any]]:
        """Everything reachable, each once, roots first; not beyond `ends`, and not from one root into another."""
        trail = object_graph.Trail()
        ends = frozenset(ends)
        queue: deque[tuple[str, Any]] = deque(reversed(self._roots.values()))
        for name, thing in queue:
            yield name, trail, thing
        while queue:
            holder, thing = queue.popleft()
            for step, child in object_graph.referents(thing):
                if id(child) in trail or id(child) in self._roots or not object_graph.is_followed(child):
                    continue
                trail.note(id(child), id(thing), step)
                yield holder, trail, child
                if id(child) not in ends:
                    queue.append((holder, child))


def _is_container(thing: Any) -> bool:
    """Whether an object could grow without end: not a deque that forgets its oldest entries."""
    kind = type(thing)
    if issubclass(kind, deque):
        return _MOST.__get__(thing) is None
    return issubclass(kind, _CONTAINERS)


def _length(thing: Any) -> int:
    base = next(base for base in _CONTAINERS if issubclass(type(thing), base))
    size: int = base.__len__(thing)
    return size


def find_user_ids(
    mark: str, written: dict[str, Location | None], entries: list[tuple[str, Any]]
) -> tuple[IdentityInState, ...]:
    """Entries that were written while users were served, and that now lead to a user's id.

    Args:
        mark: a text that is in the id of every user and nowhere else.
        written: where each of those entries was last written.
        entries: addresses and objects of all entries.
    """
    others = {id(thing) for address, thing in entries if address not in written}
    found = []
    for address, thing in entries:
        path = _way_to_text(mark, thing, others) if mark and address in written else None
        if path is not None:
            found.append(IdentityInState(address, path, written[address]))
    return tuple(found)


def _way_to_text(mark: str, root: Any, stop: set[int]) -> str | None:
    """The path from an object to a text that holds `mark`; None if there is none near."""
    if type(root) is str:
        return "" if mark in root else None
    trail = object_graph.Trail()
    queue = deque([root])
    while queue and len(trail) < _NEAR:
        thing = queue.popleft()
        for step, child in object_graph.referents(thing):
            if type(child) is str and mark in child:
                return object_graph.format_path([*trail.steps(id(thing)), step])
            if (
                id(child) not in trail
                and id(child) not in stop
                and child is not root
                and object_graph.is_followed(child)
            ):
                trail.note(id(child), id(thing), step)
                queue.append(child)
    return None
