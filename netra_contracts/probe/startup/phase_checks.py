"""Runs the functions marked with `phase_check`, each with a timeout."""

from __future__ import annotations

import asyncio
import importlib
import inspect
from collections.abc import Iterator
from typing import Any

from ...protocol.masking import mask
from ...protocol.observed.failures import StageFailure
from ...protocol.observed.observation import PhaseCheckResult
from ..inspection import source_locations
from ..inspection.safe_inspect import class_name, instance_dict
from ..runtime import bounded_calls, clock, exceptions

_MARK_ATTRIBUTE = "__netra_phase_check__"


def _marked(module: Any, module_name: str) -> Iterator[tuple[str, Any, Any]]:
    for name, member in dict(instance_dict(module) or {}).items():
        mark = getattr(member, "__dict__", {}).get(_MARK_ATTRIBUTE) if inspect.isroutine(member) else None
        if mark is not None:
            yield f"{module_name}:{name}", member, mark


async def run_checks(modules: tuple[str, ...], state: Any) -> tuple[PhaseCheckResult, ...]:
    """Run all marked functions of some modules, one after the other, in the order in which they are defined."""
    runs: list[PhaseCheckResult] = []
    for name in modules:
        try:
            module = importlib.import_module(name)
        except BaseException as error:
            failure = exceptions.of_exception("raised", error)
            runs.append(
                PhaseCheckResult(name, "", failure=failure, skipped=f"the module cannot be imported: {failure.message}")
            )
            continue
        found = list(_marked(module, name))
        if not found:
            runs.append(PhaseCheckResult(name, "", skipped="the module has no function marked with `phase_check`"))
        for full_name, function, mark in found:
            runs.append(await _run_one(full_name, function, mark, state))
    return tuple(runs)


async def _run_one(name: str, function: Any, mark: Any, state: Any) -> PhaseCheckResult:
    began = clock.now_ns()
    phase = getattr(mark.phase, "value", mark.phase)
    messages: list[str] = []
    failure = None
    try:
        await asyncio.wait_for(_collect(function, state, messages), mark.timeout)
    except asyncio.TimeoutError:
        failure = StageFailure(
            "timeout",
            f"it did not end within {mark.timeout:g} s",
            location=source_locations.location_of_object(function),
        )
    except BaseException as error:
        failure = exceptions.of_exception("raised", error)
    ms = clock.ms(clock.now_ns() - began)
    return PhaseCheckResult(
        name,
        str(phase),
        tuple(mark.requires),
        tuple(messages),
        failure,
        ms,
        location=source_locations.location_of_object(function),
    )


async def _collect(function: Any, state: Any, messages: list[str]) -> None:
    """Call a phase check and keep its messages. A plain function runs in a thread, so that its timeout holds."""
    if inspect.isasyncgenfunction(function):
        messages.extend([_text(message) async for message in function(state)])
    elif inspect.iscoroutinefunction(function):
        messages.extend(_texts(await function(state)))
    else:

        def call() -> Any:
            result = function(state)
            return result if inspect.isawaitable(result) else _texts(result)

        result = await bounded_calls.in_thread(call)
        messages.extend(_texts(await result) if inspect.isawaitable(result) else result)


def _texts(result: Any) -> list[str]:
    if result is None or result is True:
        return []
    if isinstance(result, str):
        return [_text(result)]
    if result is False:
        return ["it returned False"]
    if inspect.isgenerator(result) or isinstance(result, (list, tuple)):
        return [_text(message) for message in result if message is not None]
    return [_text(result)]


def _text(message: Any) -> str:
    """A message as text. Any other object is a value of the application, of which only the type is reported."""
    return mask(message) if isinstance(message, str) else f"it gave an object of type {class_name(message)}"
