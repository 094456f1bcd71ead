"""Containers whose entries are registered by type: those of dishka and svcs."""

from __future__ import annotations

from typing import Any

from ..inspection.safe_inspect import class_name, instance_attribute
from .entry import Entry, NoEntryError

#: How svcs names the function that returns a registered value.
_VALUE = "Registry.register_value.<locals>.<lambda>"


def of_dishka(container: Any, wanted: type) -> Entry:
    """An entry of the container itself, or of one around it: `get` creates it once and keeps it.

    Source: `dishka/container.py`, `dishka/registry.py` (1.10). Scopes within the container's own begin with a request.
    """
    holder = container
    while holder is not None:
        registry = instance_attribute(holder, "registry")
        if _provides(registry, wanted):
            kept = instance_attribute(holder, "_cache")
            exists = any(_type_of(key) is wanted for key in list(kept)) if type(kept) is dict else None
            return Entry(lambda: type(container).get(container, wanted), exists)
        holder = instance_attribute(holder, "parent_container")
    inner = instance_attribute(instance_attribute(container, "registry"), "child_registry")
    while inner is not None:
        if _provides(inner, wanted):
            scope = instance_attribute(instance_attribute(inner, "scope"), "_name_")
            raise NoEntryError(f"its scope is {scope}: the container has it within such a scope only")
        inner = instance_attribute(inner, "child_registry")
    raise NoEntryError("the container has no factory for it", is_missing=True)


def _provides(registry: Any, wanted: type) -> bool:
    factories = instance_attribute(registry, "factories")
    return type(factories) is dict and any(_type_of(key) is wanted for key in list(factories))


def _type_of(key: Any) -> Any:
    """The type of a key: of the default component it may be the type itself."""
    if not issubclass(type(key), tuple):
        return key
    return key[0] if key[1:2] == ("",) else None


def of_svcs_registry(registry: Any, wanted: type) -> Entry:
    """A registered value. A registry has no objects of factories: each container of a request has its own.

    Source: `svcs/_core.py` (26.2).
    """
    factory = instance_attribute(_service(registry, wanted), "factory")
    if class_name(factory) != "function" or factory.__qualname__ != _VALUE:
        raise NoEntryError("it is registered with a factory, which each container of a request calls")
    value = factory.__closure__[0].cell_contents
    return Entry(lambda: value, exists=True)


def of_svcs_container(container: Any, wanted: type) -> Entry:
    """An entry of a container that outlives requests: `aget` creates it once and keeps it."""
    instances = instance_attribute(container, "_instantiated")
    if type(instances) is dict and wanted in instances:
        value = instances[wanted][0]
        return Entry(lambda: value, exists=True)
    local = instance_attribute(container, "_lazy_local_registry")
    if local is None or wanted not in (instance_attribute(local, "_services") or {}):
        _service(instance_attribute(container, "registry"), wanted)
    return Entry(lambda: type(container).aget(container, wanted), exists=False)


def _service(registry: Any, wanted: type) -> Any:
    services = instance_attribute(registry, "_services")
    service = services.get(wanted) if type(services) is dict else None
    if service is None:
        raise NoEntryError("the container has no factory for it", is_missing=type(services) is dict)
    return service
