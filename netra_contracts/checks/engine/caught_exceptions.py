"""Caught exceptions as causes of a component that is missing or None."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netra_contracts.checks.engine.evidence import cause_from_change
from netra_contracts.checks.engine.exception_text import one_line
from netra_contracts.model.finding import Cause
from netra_contracts.protocol.failures import ExceptionInfo
from netra_contracts.protocol.observation import StateChange


def causes_of_loss(change: StateChange | None, what: str) -> Iterator[Cause]:
    """Where None was set or an entry was deleted, and the exception that was handled there, if one was.

    Args:
        change: what was recorded; None: nothing was.
        what: happened, in words.
    """
    handled = change.handled if change is not None else ()
    cause = cause_from_change(change, f"{what}, in an exception handler" if handled else what)
    if cause is not None:
        yield cause
    yield from causes_of_exceptions(handled)


def causes_of_exceptions(chain: Sequence[ExceptionInfo]) -> Iterator[Cause]:
    """The exceptions of a chain, nearest first."""
    for raised in chain:
        words = {"": _who_raised(raised), "cause": "caused by", "context": "while handling"}[raised.link]
        yield Cause(message=f"{words} {one_line(raised.headline)}", location=raised.location, trace=raised.trace)


def _who_raised(raised: ExceptionInfo) -> str:
    """Who raised an exception: a function of the application, or one of a library, which one of its lines called."""
    location = raised.location
    if location is None:
        return "raised"
    function = location.function.rpartition(".")[2]
    is_its_own = raised.trace[-1:] in ((), (location,)) and function and not function.startswith("<")
    return f"`{function}` raised" if is_its_own else "this call raised"
