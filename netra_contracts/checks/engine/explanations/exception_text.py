"""Exceptions in the words of a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netra_contracts.model.finding import Cause
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.failures import ExceptionInfo, StageFailure


def causes_from_chain(failure: StageFailure) -> tuple[Cause, ...]:
    """The exceptions that led to the first one of a chain, nearest first."""
    return tuple(causes_of_exceptions(failure.chain[1:]))


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


def located(failure: StageFailure) -> ExceptionInfo | None:
    """The exception of a chain that gives the failure its location."""
    return next((raised for raised in failure.chain if raised.location == failure.location), None)


def own_location(failure: StageFailure, other: Location | None) -> Location | None:
    """Where a failure was raised, if that is in the target's own code, else another location if there is one."""
    raised = located(failure)
    return failure.location if other is None or (raised is not None and raised.calls) else other


def one_line(text: str) -> str:
    """A message without line breaks, for a sentence."""
    return " ".join(text.split())


def hidden_error(failure: StageFailure) -> int | None:
    """The position in the chain of the error that a failed read of the state hid; None: the read came first."""
    for position, raised in enumerate(failure.chain):
        if raised.failed_read is not None:
            behind = position + 1
            return behind if behind < len(failure.chain) else None
    return None
