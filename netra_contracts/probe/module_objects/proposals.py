"""What `netra-contracts init` proposes beside the entries of states: objects of modules that handlers reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ...protocol.stages import StageName
from ..startup.mounts import Mount
from .listing import objects_by_address
from .providers import providers_among
from .reached import ReachedObjects, handlers_of
from .snapshot import Snapshot

#: How many are proposed.
_MOST = 50


class Proposals(NamedTuple):
    """Addresses of the objects that handlers reach.

    Attributes:
        known: with the objects. Of a provider, that is what it returns.
        uncalled: providers that nothing has called, and that would create an object.
    """

    known: list[tuple[str, Any]]
    uncalled: list[str]


def proposals(
    target: Any,
    apps: Iterable[Mount],
    entries: Sequence[tuple[str, Any]],
    snapshots: Sequence[tuple[StageName, Snapshot]],
) -> Proposals:
    """Find the objects of modules that handlers reach, and the functions that return them.

    Args:
        target: the application.
        apps: the applications of frameworks in it.
        entries: addresses and objects of the states: these are not proposed under a second address.
        snapshots: see `listing.list_objects`.
    """
    reached = ReachedObjects(handlers_of(target, apps)).objects
    in_states = {id(value) for _, value in entries}
    known = [
        (address, value)
        for address, value in objects_by_address(snapshots)
        if id(value) in reached and id(value) not in in_states and value is not target
    ]
    providers = sorted(providers_among(reached.values()), key=lambda one: one.address)
    known += [(one.address, one.value) for one in providers if one.value is not None]
    return Proposals(known[:_MOST], [one.address for one in providers if one.value is None][:_MOST])
