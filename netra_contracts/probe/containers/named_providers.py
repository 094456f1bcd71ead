"""Containers whose entries have names: those of dependency-injector and that-depends.

A type finds the provider that is bound to it, that creates the class, or whose function is annotated to return it.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from typing import Any, Callable, NamedTuple

from ..inspection.safe_inspect import class_name, instance_attribute, mro, type_name
from .entry import Entry, NoEntryError

#: Providers that keep the one object that they create, by the names of their classes or bases.
_KEEPING = frozenset(
    [
        *("dependency_injector.providers:BaseSingleton", "dependency_injector.providers:Object"),
        *("dependency_injector.providers:BaseResource",),
        *("that_depends.providers.singleton:Singleton", "that_depends.providers.singleton:AsyncSingleton"),
        *("that_depends.providers.resources:Resource", "that_depends.providers.object:Object"),
    ]
)
#: Those among them that keep one for each thread or context.
_NOT_KEEPING = frozenset(
    f"dependency_injector.providers:{name}"
    for name in ("ThreadLocalSingleton", "ContextLocalSingleton", "ContextLocalResource")
)
_MAX_DEPTH = 10


class _Provider(NamedTuple):
    """A provider of a container.

    Attributes:
        name: of the provider.
        provider: the object.
        types: the types that it is bound to, or the class that it creates, or says that it returns.
        bases: further types that fit.
        get: returns its object, or an awaitable of it.
        exists: see `Entry.exists`.
    """

    name: str
    provider: Any
    types: tuple[Any, ...]
    bases: tuple[Any, ...]
    get: Callable[[], Any]
    exists: bool | None = None


def of_dependency_injector(container: Any, wanted: type) -> Entry:
    """An entry of a singleton, a resource, or an object. Source: `dependency_injector/providers.pyx` (4.49)."""
    return _only(list(_providers_of(container, 0)), wanted)


def _providers_of(container: Any, depth: int) -> Iterator[_Provider]:
    for name, provider in list(container.providers.items()):
        kind = type_name(type(provider))
        if kind == "dependency_injector.providers:Container" and depth < _MAX_DEPTH:
            inner = _providers_of(provider.container, depth + 1)
            yield from (one._replace(name=f"{name}.{one.name}") for one in inner)
            continue
        provides = getattr(provider, "provides", None)
        is_object = kind == "dependency_injector.providers:Object"
        bases = mro(type(provides)) if is_object else _types_of(provides)
        exists = True if is_object else getattr(provider, "initialized", None)
        yield _Provider(name, provider, bases[:1], bases, provider, exists)


def of_that_depends(container: Any, wanted: type) -> Entry:
    """An entry of a singleton, a resource, or an object. Source: `that_depends/providers` (4.2)."""
    return _only(list(_bound_providers(container)), wanted)


def _bound_providers(container: Any) -> Iterator[_Provider]:
    for name, provider in list(container.get_providers().items()):
        kept = instance_attribute(provider, "_obj")
        created = instance_attribute(provider, "_factory") or instance_attribute(provider, "_creator")
        bases = mro(type(kept)) if kept is not None else _types_of(created)
        bound = tuple(instance_attribute(provider, "_bindings") or ())
        instance = instance_attribute(provider, "_instance")
        exists = True if kept is not None else None if instance is None else class_name(instance) != "Unset"
        yield _Provider(name, provider, bound or bases[:1], () if bound else bases, provider.resolve, exists)


def _only(providers: list[_Provider], wanted: type) -> Entry:
    """The entry of the only provider of a type: of the type itself, else of a subclass.

    Raises:
        NoEntryError: if there is none or more than one, or if it keeps no object.
    """
    found = [one for one in providers if any(cls is wanted for cls in one.types)]
    found = found or [one for one in providers if any(cls is wanted for cls in one.bases)]
    if not found:
        raise NoEntryError("no provider of the container is bound to it, creates it, or is annotated to return it")
    keeping = [one for one in found if _keeps(one.provider)]
    if not keeping:
        kind = class_name(found[0].provider)
        raise NoEntryError(f"its provider `{found[0].name}` is a {kind}, which keeps no object for all")
    if len(keeping) > 1:
        raise NoEntryError(f"several providers have it: {', '.join(f'`{one.name}`' for one in keeping)}")
    return Entry(keeping[0].get, keeping[0].exists)


def _keeps(provider: Any) -> bool:
    names = frozenset(map(type_name, mro(type(provider))))
    return bool(names & _KEEPING) and not names & _NOT_KEEPING


def _types_of(created: Any) -> tuple[Any, ...]:
    """The class that a provider creates, with its bases, or that its function is annotated to return or to yield."""
    if issubclass(type(created), type):
        return mro(created)
    function = getattr(created, "__wrapped__", created)  # that-depends wraps generators in context managers
    try:
        returned: Any = typing.get_type_hints(function).get("return")
    except Exception:  # annotations that cannot be evaluated
        return ()
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        returned = next(iter(typing.get_args(returned)), None)
    return mro(returned) if issubclass(type(returned), type) else ()
