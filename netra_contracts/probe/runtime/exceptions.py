"""Exceptions as data: names of types, masked messages and lines, never the objects themselves."""

from __future__ import annotations

from typing import Any

from ...protocol.failures import ExceptionInfo, FailureKind, StageFailure
from ...protocol.location import Location
from ...protocol.masking import mask
from ...protocol.record import replace
from ..inspection import own_code, source_locations
from ..inspection.safe_inspect import class_name, dotted_name

#: Set on the KeyError of a failed read by the recorder, so that the exception it became can be traced back to it.
READ_MARK = "_netra_contracts_read"
_DICT: Any = BaseException.__dict__["__dict__"]


def marks_of(error: BaseException) -> dict[str, Any]:
    """The `__dict__` of an exception, whatever its class defines: what the probe knows of an exception is noted there."""
    marks: dict[str, Any] = _DICT.__get__(error)
    return marks


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException as second:
        return f"<its message cannot be read: {dotted_name(type(second))}>"
    return mask(text) if type(text) is str else ""


def chain_of(error: BaseException) -> tuple[ExceptionInfo, ...]:
    """An exception and those that led to it, nearest first; groups are followed into their first member."""
    found: list[ExceptionInfo] = []
    seen = set()
    current: BaseException | None = error
    link: Any = ""
    while current is not None and id(current) not in seen and len(found) < 10:
        seen.add(id(current))
        trace = source_locations.trace_of(current.__traceback__)
        read = _read_of(current)
        name = dotted_name(type(current))
        line = _syntax_error_line(current)
        calls = source_locations.calls_of((*trace, line) if line is not None else trace)
        location = line or source_locations.most_relevant_frame(trace)
        found.append(ExceptionInfo(name, _message(current), trace, location, calls, link, read))
        if read is not None and READ_MARK not in current.__dict__:
            current = current.__cause__ or current.__context__  # the KeyError below it says nothing more
            seen.add(id(current))
        current, link = _next(current) if current is not None else (None, "")
    if not any(raised.calls for raised in found):
        return tuple(found)
    # A library's line explains nothing where the target's own code is known.
    return tuple(raised if raised.calls else replace(raised, location=None) for raised in found)


def _read_of(error: BaseException) -> int | None:
    """The failed read that raised this very exception: the recorder's KeyError, or what `State` makes of it."""
    for candidate in (error, error.__cause__, error.__context__):
        read = candidate.__dict__.get(READ_MARK) if candidate is not None else None
        if read is not None and (candidate is error or type(error) is AttributeError):
            return int(read)
    return None


def _next(error: BaseException) -> tuple[BaseException | None, str]:
    members = getattr(error, "exceptions", None) if class_name(error).endswith("ExceptionGroup") else None
    if members:
        return members[0], "cause"
    if error.__cause__ is not None:
        return error.__cause__, "cause"
    return (None if error.__suppress_context__ else error.__context__), "context"


def _syntax_error_line(error: BaseException) -> Location | None:
    """The line of the target's own code that cannot be parsed; None: it is another error, or in another file."""
    if not isinstance(error, SyntaxError) or not error.lineno or not own_code.is_own_code(error.filename or "<>"):
        return None
    return Location(source_locations.absolute(str(error.filename)), error.lineno)


def _most_relevant(chain: tuple[ExceptionInfo, ...]) -> Location | None:
    """Where the first exception of a chain was raised; of a group, its member."""
    located = [raised for raised in chain if raised.location]
    if len(located) > 1 and located[0].type.endswith("ExceptionGroup"):
        return _most_relevant(tuple(located[1:]))
    return located[0].location if located else None


def of_exception(kind: FailureKind, error: BaseException, message: str = "") -> StageFailure:
    """The failure for an exception; for `SystemExit`, with the exit status."""
    chain = chain_of(error)
    status = _exit_status(error) if isinstance(error, SystemExit) else None
    return StageFailure(
        kind="exited" if isinstance(error, (SystemExit, KeyboardInterrupt)) else kind,
        message=message or chain[0].headline,
        chain=chain,
        location=_most_relevant(chain),
        failed_read=next((raised.failed_read for raised in chain if raised.failed_read is not None), None),
        status=status,
    )


def redact(failure: StageFailure, secrets: set[str]) -> StageFailure:
    """A failure whose messages do not quote any of some texts."""
    chain = tuple(replace(raised, message=mask(raised.message, secrets)) for raised in failure.chain)
    return replace(failure, message=mask(failure.message, secrets), chain=chain)


def _exit_status(error: SystemExit) -> int:
    """The exit status that the interpreter would give, see `sys.exit`."""
    if error.code is None:
        return 0
    return error.code if isinstance(error.code, int) else 1
