"""Exceptions in the words of a report."""

from __future__ import annotations

from netra_contracts.model.finding import Cause
from netra_contracts.protocol.failures import ExceptionInfo, StageFailure


def causes_from_chain(fault: StageFailure) -> tuple[Cause, ...]:
    """The exceptions behind the first one, nearest first."""
    words = {"cause": "caused by", "context": "while handling", "": "raised"}
    return tuple(
        Cause(message=f"{words[raised.link]} {headline(raised)}", location=raised.location)
        for raised in fault.chain[1:]
    )


def headline(raised: ExceptionInfo) -> str:
    """An exception in one line."""
    text = " ".join(raised.message.split())
    return f"{raised.type}: {text}" if text else raised.type


def one_line(text: str) -> str:
    """A message without line breaks: reports put it into a sentence."""
    return " ".join(text.split())


def hidden_error(fault: StageFailure) -> int | None:
    """Where in the chain the error stands that a failed read of the state hid; None: the read itself came first."""
    for position, raised in enumerate(fault.chain):
        if raised.failed_read is not None:
            behind = position + 1
            return behind if behind < len(fault.chain) else None
    return None
