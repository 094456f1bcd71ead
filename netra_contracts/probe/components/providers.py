"""Calls the providers that contracts name, after startup, as a request would: in the event loop, without arguments."""

from __future__ import annotations

import asyncio
import gc
import inspect
import sys
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any, Callable, NamedTuple

from ...protocol.address import Address
from ...protocol.location import Location
from ...protocol.observed.answers import ProviderCall
from ...protocol.observed.failures import StageFailure
from ...protocol.record import replace
from ..inspection import signatures, source_locations
from ..inspection.questions import ComponentNotFoundError
from ..inspection.safe_inspect import (
    MISSING,
    class_attribute,
    class_name,
    dotted_name,
    instance_dict,
    is_plain,
    mro,
    type_name,
)
from ..runtime import bounded_calls, exceptions
from . import modules
from .bounded import Stopped, stopping_after
from .store_lines import StoreLines

#: Within which a provider must return.
TIMEOUT_S = 5.0
_YIELDS = {
    "generator": "it is a generator function: name the object that it yields",
    "async_generator": "it is a generator function: name the object that it yields",
    "_GeneratorContextManager": "it returns a context manager: name the object that this yields",
    "_AsyncGeneratorContextManager": "it returns a context manager: name the object that this yields",
}
_DEPENDENCIES = ("fastapi.params:Depends", "fast_depends.dependencies.model:Dependant")
_OF_REQUESTS = ("fastapi.params:Param", "fastapi.params:Body")
_NO_ARGUMENTS = signatures.parse_shape("()")


class Provided(NamedTuple):
    """The result of calling a provider.

    Attributes:
        call: what is reported of it.
        value: what it returned; `MISSING`: it did not.
        second: why the second call failed; empty: it did not.
    """

    call: ProviderCall
    value: Any = MISSING
    second: str = ""


def address_of(address: Address) -> str:
    """The address of the provider that an address begins with."""
    return f"{address.text[: len(address.text) - len(address.name)]}{address.attribute}()"


async def call(
    address: Address, *, twice: bool, failed: dict[str, StageFailure], own: list[Any], lines: StoreLines
) -> Provided:
    """Call a provider.

    Args:
        address: of the provider, or of something below what it returns.
        twice: whether to call it again, to see whether it returns the same object.
        failed: imports that contracts asked for and that failed.
        own: collects the tasks of the probe.
        lines: find the line that stores what it returns.
    """
    named = ProviderCall(address_of(address))
    function, skipped = _function(address, failed)
    if function is MISSING or skipped:
        return Provided(replace(named, skipped=skipped))
    named = replace(named, location=source_locations.location_of_object(_unwrapped(function)))
    provided = await call_function(named, function, twice=twice, own=own)
    if provided.value is MISSING:
        return provided
    return provided._replace(call=replace(provided.call, **_origin(function, provided.value, lines)))


async def call_function(named: ProviderCall, function: Callable[[], Any], *, twice: bool, own: list[Any]) -> Provided:
    """Call a function without arguments, await what it returns, and complete the record of it.

    Args:
        named: the record so far.
        function: the function.
        twice: whether to call it again, to see whether it returns the same object.
        own: collects the tasks of the probe.
    """
    before = gc.get_objects()
    first = await _outcome(function, own)
    if first.value is MISSING:
        return Provided(replace(named, skipped=first.skipped, failure=first.failure))
    created = _was_created(first.value, before)
    del before
    named = replace(named, created=created)
    if not twice:
        return Provided(named, first.value)
    second = await _outcome(function, own)
    if second.value is MISSING:
        why = second.skipped or (second.failure.message if second.failure is not None else "")
        return Provided(named, first.value, why)
    return Provided(replace(named, varies=_differs(first.value, second.value)), first.value)


def _function(address: Address, failed: dict[str, StageFailure]) -> tuple[Any, str]:
    """The function that a provider is, `MISSING` if there is none; and why it must not be called, else empty."""
    try:
        with bounded_calls.outside_event_loop():
            function = modules.find(address, failed).value
    except ComponentNotFoundError:  # the lookup of the component says why
        return MISSING, ""
    except bounded_calls.NoAnswerError as error:
        return MISSING, f"it cannot be read: {error}"
    try:
        return function, _reason_not_to_call(function)
    except BaseException as error:  # reading its signature runs code of an object that hides it
        return MISSING, f"examining it raised {dotted_name(type(error))}"


class _Outcome(NamedTuple):
    value: Any = MISSING
    skipped: str = ""
    failure: StageFailure | None = None


def _reason_not_to_call(function: Any) -> str:
    """Why an object cannot be called as a request would; empty: it can."""
    if not callable(function):
        return f"it is a {type_name(type(function)).replace(':', '.')} and not a function"
    refused = signatures.refusal(function, _NO_ARGUMENTS)
    if refused:
        return f"it needs arguments: {refused}"
    for name, value in _declared(function):
        kinds = {type_name(base) for base in mro(type(value))}
        if not kinds.isdisjoint(_DEPENDENCIES):
            return f"its parameter `{name}` is a dependency that the framework resolves for each request"
        if not kinds.isdisjoint(_OF_REQUESTS):
            return f"its parameter `{name}` is taken from each request"
    return ""


def _declared(function: Any) -> Iterator[tuple[str, Any]]:
    """What parameters say of themselves: their defaults, and the metadata of their annotations."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except Exception:  # it may be computed by the application
        return
    for parameter in parameters:
        yield parameter.name, parameter.default
        metadata = instance_dict(parameter.annotation)
        for value in dict.get(metadata, "__metadata__", ()) if metadata is not None else ():
            yield parameter.name, value


async def _outcome(function: Callable[[], Any], own: list[Any]) -> _Outcome:
    try:
        with stopping_after(TIMEOUT_S):
            value = function()
        if class_name(value) in _YIELDS:
            return _Outcome(skipped=_YIELDS[class_name(value)])
        # Other objects that can be awaited, such as a pool of asyncpg or a task, may be what is provided.
        return await _awaited(value, own) if _is_coroutine(value) else _Outcome(value)
    except Stopped:
        return _Outcome(skipped=f"it did not return within {TIMEOUT_S:g} s")
    except BaseException as error:
        return _Outcome(failure=exceptions.of_exception("raised", error))


def _is_coroutine(value: Any) -> bool:
    """Whether an object is a coroutine, by its real class: those of compiled code have another one than Python's."""
    return all(class_attribute(type(value), name) is not MISSING for name in ("__await__", "send", "throw", "close"))


async def _awaited(value: Any, own: list[Any]) -> _Outcome:
    """The result of an awaitable, in a task of its own: what it raises and how long it takes concern nobody else."""
    task = asyncio.ensure_future(_await(value))
    own.append(task)
    done, _ = await asyncio.wait({task}, timeout=TIMEOUT_S)
    if not done:
        task.cancel()
        return _Outcome(skipped=f"it did not return within {TIMEOUT_S:g} s")
    return task.result()


async def _await(value: Any) -> _Outcome:
    try:
        return _Outcome(await value)
    except BaseException as error:
        return _Outcome(failure=exceptions.of_exception("raised", error))


def _was_created(value: Any, before: list[Any]) -> bool | None:
    """Whether an object did not exist before; None: the garbage collector does not know objects of its kind."""
    if not gc.is_tracked(value):
        return None
    if any(other is value for other in before):
        return False
    # Frozen objects (`gc.freeze`) are in neither list.
    return True if any(other is value for other in gc.get_objects()) else None


def _differs(first: Any, second: Any) -> bool:
    """Whether two calls returned different objects. Equal plain values count as one."""
    if first is second:
        return False
    return not (is_plain(first) and type(first) is type(second) and first == second)


def _origin(function: Any, value: Any, lines: StoreLines) -> dict[str, Any]:
    """Where the provider's module keeps an object that it returned: the name there, and the line that stores it."""
    inner = _unwrapped(function)
    inner = getattr(inner, "__func__", inner) if class_name(inner) == "method" else inner
    if type(inner) is not FunctionType or is_plain(value):
        return {}
    code = inner.__code__
    module = next((module for module in list(sys.modules.values()) if _globals_of(module) is inner.__globals__), None)
    if module is None:
        return {}
    for path, kept in _kept(module, code.co_names):
        if kept is value:
            site = lines.site(module, path, is_none=False)
            found: dict[str, str | Location] = {"variable": path}
            location = source_locations.location(site)
            return {**found, "location": location} if location is not None else found
    return {}


def _globals_of(module: Any) -> Any:
    return module.__dict__ if type(module) is ModuleType else None


def _unwrapped(function: Any) -> Any:
    """The function that decorators have wrapped."""
    try:
        return inspect.unwrap(function)
    except BaseException:  # `__wrapped__` may be computed
        return function


def _kept(module: Any, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Globals of a module that code names, and attributes of the module's classes and objects that it names."""
    entries = instance_dict(module) or {}
    named = [(name, dict.get(entries, name, MISSING)) for name in names]
    known = [(name, value) for name, value in named if value is not MISSING]
    yield from known
    owners = [*known, *((name, value) for name, value in list(dict.items(entries)) if issubclass(type(value), type))]
    for owner, value in owners:
        attributes = type.__dict__["__dict__"].__get__(value) if issubclass(type(value), type) else instance_dict(value)
        for name in names:
            kept = attributes.get(name, MISSING) if attributes is not None else MISSING
            if kept is not MISSING:
                yield f"{owner}.{name}", kept
