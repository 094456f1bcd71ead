"""What containers for dependency injection have of a type: those of dishka, svcs, dependency-injector, that-depends.

Imported only if a contract names a type of a container. Nothing is created here: the caller calls `Entry.get`, which is
what the application itself would call.
"""

from __future__ import annotations

from typing import Any

from ..inspection.safe_inspect import mro, type_name
from . import by_type, named_providers
from .entry import Entry, NoEntryError

__all__ = ["Entry", "NoEntryError", "entry_of"]

#: How an entry is found, by the name of the container's class or one of its bases.
_KINDS = {
    "dishka.container:Container": by_type.of_dishka,
    "dishka.async_container:AsyncContainer": by_type.of_dishka,
    "svcs._core:Registry": by_type.of_svcs_registry,
    "svcs._core:Container": by_type.of_svcs_container,
    "dependency_injector.containers:DynamicContainer": named_providers.of_dependency_injector,
    "dependency_injector.containers:DeclarativeContainer": named_providers.of_dependency_injector,
    "that_depends.container:BaseContainer": named_providers.of_that_depends,
}


def entry_of(container: Any, wanted: type) -> Entry:
    """What a container has of a type.

    Args:
        container: an instance, or a class where containers are classes.
        wanted: the type.

    Raises:
        NoEntryError: if it has none that outlives a request, or is not a container that is known.
    """
    is_class = issubclass(type(container), type)
    for base in mro(container if is_class else type(container)):
        find = _KINDS.get(type_name(base))
        if find is not None:
            return find(container, wanted)
    raise NoEntryError("it is not a container that is known")
