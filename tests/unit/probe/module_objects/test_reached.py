"""Handlers reach objects by the names in their code, through closures, methods and attributes."""

from __future__ import annotations

import functools
import sys
from typing import Any

import pytest

from netra_contracts.probe.inspection import own_code
from netra_contracts.probe.module_objects.providers import providers_among
from netra_contracts.probe.module_objects.reached import ReachedObjects


class Service:
    def __init__(self, inner: object = None) -> None:
        self.inner = inner

    def serve(self) -> object:
        return by_method


class Registry:
    instance = Service()


by_name = Service()
by_class = Registry.instance
by_method = Service()
by_attribute = Service()
by_closure = Service()
by_nested_function = Service()
by_import = Service()
by_call = Service()
by_default = Service()
holder = Service(by_attribute)
unreached = Service()


def called(service: object = None) -> object:
    return by_call


def decorated(function: Any) -> Any:
    service = by_closure

    @functools.wraps(function)
    def wrapper() -> object:
        return service, function()

    return wrapper


def names() -> object:
    return by_name, holder


def nested() -> object:
    return [by_nested_function for _ in range(3)]


def imports() -> object:
    from tests.unit.probe.module_objects.test_reached import by_import as found

    return found


@decorated
def handler() -> object:
    return names(), Registry.instance, nested(), imports(), called()


class Endpoint:
    def get(self) -> object:
        return by_name


_global = Service()
_lazy: Service | None = None


def get_global() -> Service:
    return _global


def get_lazy() -> Service:
    global _lazy  # noqa: PLW0603 - what is tested
    if _lazy is None:
        _lazy = Service()
    return _lazy


@functools.lru_cache
def get_cached() -> Service:
    return Service()


@functools.lru_cache
def get_uncalled() -> Service:
    return Service()


def get_new() -> Service:
    return Service()


def get_of(number: int) -> Service:
    return _global


def get_with_default(number: int = 3) -> Service:
    return _global


@pytest.fixture(autouse=True)
def this_module_is_of_the_application() -> None:
    own_code.set_target("tests.unit.probe.module_objects.test_reached")


def reached_from(*handlers: Any) -> set[str]:
    objects = ReachedObjects(handlers).objects
    module = vars(sys.modules[__name__])
    return {name for name, value in module.items() if type(value) is Service and id(value) in objects}


def test_handler_reaches_what_its_code_and_the_code_that_it_names_refer_to() -> None:
    assert reached_from(handler) == {
        "by_name",
        "by_class",
        "by_method",
        "by_attribute",
        "by_closure",
        "by_nested_function",
        "by_import",
        "by_call",
        "holder",
    }


def test_classes_methods_and_partials_are_handlers() -> None:
    assert reached_from(Endpoint) == {"by_name", "by_method"}
    assert reached_from(functools.partial(called, by_default)) == {"by_call", "by_default", "by_method"}
    assert reached_from(holder.serve) == {"holder", "by_attribute", "by_method"}


def test_providers_are_known_without_a_call() -> None:
    cached = get_cached()
    functions = [get_global, get_lazy, get_cached, get_uncalled, get_new, get_of, get_with_default]
    found = {provider.address.partition(":")[2]: provider.value for provider in providers_among(functions)}
    assert found == {
        "get_global()": _global,
        "get_lazy()": None,
        "get_cached()": cached,
        "get_uncalled()": None,
        "get_with_default()": _global,
    }
    assert _lazy is None
