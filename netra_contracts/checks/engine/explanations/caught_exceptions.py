"""Caught exceptions as causes of a component that is missing or None."""

from __future__ import annotations

from collections.abc import Iterator

from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.evidence import cause_from_change
from netra_contracts.checks.engine.explanations.exception_text import causes_of_exceptions
from netra_contracts.model.finding import Cause
from netra_contracts.protocol.address import last_name
from netra_contracts.protocol.observed.app_states import StateChange
from netra_contracts.protocol.observed.failures import CaughtException


def causes_of_absence(context: Context, address: str) -> Iterator[Cause]:
    """The caught exception that kept a component from being set."""
    if context.evidence.started:
        name = last_name(address)
        found = [one for one in context.observation.caught_exceptions if name in (*one.skipped, *one.results)]
        if found:
            yield from _causes_of(found[-1])


def causes_of_loss(context: Context, address: str, change: StateChange | None, what: str) -> Iterator[Cause]:
    """Where None was set or an entry was deleted, and the exception that explains it, if one was caught.

    Args:
        context: the evidence.
        address: of the component.
        change: what was recorded; None: nothing was.
        what: happened, in words.
    """
    handled = change.handled if change is not None else ()
    cause = cause_from_change(change, f"{what}, in an exception handler" if handled else what)
    if cause is not None:
        yield cause
    yield from causes_of_exceptions(handled)
    if change is not None and not handled and change.is_none and context.evidence.started:
        caught = _explaining(context, address, change)
        yield from _causes_of(caught) if caught is not None else ()


def _explaining(context: Context, address: str, change: StateChange) -> CaughtException | None:
    """The last exception that was caught since the component was last set, and that kept it from being set."""
    name = last_name(address)
    earlier = context.recording.state_changes.get(address, ())
    set_ms = max((one.ms for one in earlier if one.operation == "set" and not one.is_none), default=-1.0)
    found = [
        caught
        for caught in context.observation.caught_exceptions
        if caught.ms >= set_ms
        and (name in (*caught.skipped, *caught.results) or _is_created_by(caught, change))
    ]  # fmt: skip
    return found[-1] if found else None


def _is_created_by(caught: CaughtException, change: StateChange) -> bool:
    """Whether the line that set None awaits the task in which an exception was caught."""
    created, location = caught.task_created, change.location
    return (
        created is not None and location is not None and (created.file, created.line) == (location.file, location.line)
    )


def _causes_of(caught: CaughtException) -> Iterator[Cause]:
    if caught.handler is not None:
        yield Cause(message=f"{caught.chain[0].type} was caught here", location=caught.handler, ms=caught.ms)
    yield from causes_of_exceptions(caught.chain)
