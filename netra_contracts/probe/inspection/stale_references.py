"""Components that still reach an object which has been replaced in the state, or in a module."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...protocol.observed.app_states import StaleReference, StateChange
from . import object_graph
from .safe_inspect import is_plain, type_name

#: How many objects of one component are searched for objects that were replaced.
_MAX_SEARCHED = 50_000


def replaced_objects(changes: Iterable[StateChange], alive: Mapping[str, Any]) -> dict[int, tuple[str, str]]:
    """Replaced objects that still exist, by id: the component that held each, and its version.

    Args:
        changes: of all components, in order.
        alive: the objects that exist, by version.
    """
    last: dict[str, str] = {}
    former: dict[str, str] = {}
    for change in changes:
        if change.operation != "set" or change.is_none:
            continue
        before = last.get(change.component)
        if before and before != change.version and change.version:
            former[before] = change.component
        last[change.component] = change.version
    return {
        id(alive[version]): (component, version)
        for version, component in former.items()
        if version in alive and last[component] != version and object_graph.is_followed(alive[version])
    }


def find(
    replaced: Mapping[int, tuple[str, str]], entries: Sequence[tuple[str, Any]], modules: Mapping[str, Any]
) -> Iterator[StaleReference]:
    """The references to replaced objects. What another entry is now has not been replaced for those who hold it.

    Args:
        replaced: see `replaced_objects`.
        entries: addresses and objects of all entries of the states.
        modules: those of objects of modules that contracts name.
    """
    in_entries = {id(value) for _, value in entries}
    stop = in_entries | {id(value) for value in modules.values()}
    for address, value in (*entries, *modules.items()):
        if is_plain(value):
            continue
        component, version = replaced.get(id(value), (address, ""))
        if component != address and (address in modules or component in modules):
            yield StaleReference(address, "", component, version, type_name(type(value)))
        trail = object_graph.Trail()
        for node in object_graph.reachable(value, stop, _MAX_SEARCHED, trail):
            entry = replaced.get(id(node))
            if entry is not None and entry[0] != address and id(node) not in in_entries:
                component, version = entry
                path = object_graph.format_path(trail.steps(id(node))).lstrip(".")
                yield StaleReference(address, path, component, version, type_name(type(node)))
