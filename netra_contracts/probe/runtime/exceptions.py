"""Exceptions as data: names of types, masked messages and lines, never the objects themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Callable

from ...protocol.location import Location
from ...protocol.masking import mask
from ...protocol.observed.failures import ExceptionInfo, FailureKind, StageFailure
from ...protocol.record import replace
from ..inspection import own_code, source_locations
from ..inspection.safe_inspect import class_name, dotted_name

_MOST_LINKS = 20
#: Set on the KeyError of a failed read by the recorder, so that the exception it became can be traced back to it.
READ_MARK = "_netra_contracts_read"


def _reader(name: str) -> Callable[[BaseException], Any]:
    """Reads an attribute that every exception has, whatever its class defines."""
    descriptor: Any = BaseException.__dict__[name]
    reader: Callable[[BaseException], Any] = descriptor.__get__
    return reader


_dict, traceback_of, _cause = map(_reader, ("__dict__", "__traceback__", "__cause__"))
_context, _suppress_context = map(_reader, ("__context__", "__suppress_context__"))


def marks_of(error: BaseException) -> dict[str, Any]:
    """The `__dict__` of an exception, whatever its class defines: the probe notes there what it knows of it."""
    marks: dict[str, Any] = _dict(error)
    return marks


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException as second:
        return f"<its message cannot be read: {dotted_name(type(second))}>"
    return mask(text) if type(text) is str else ""


def chain_of(error: BaseException) -> tuple[ExceptionInfo, ...]:
    """An exception and those that led to it, nearest first.

    A group is followed into its first member, and left out if it has no other.
    """
    from . import exception_details

    found: list[ExceptionInfo] = []
    seen = set()
    current: BaseException | None = error
    link: Any = ""
    while current is not None and id(current) not in seen and len(found) < 10:
        current = exception_details.only_member(current)
        seen.add(id(current))
        traceback = traceback_of(current)
        frames = list(source_locations.frames_of(traceback))
        trace = source_locations.trace_of(traceback)
        read = _read_of(current)
        name = dotted_name(type(current))
        line = _syntax_error_line(current)
        calls = source_locations.calls_of((*trace, line) if line is not None else trace)
        location = line or source_locations.most_relevant_frame(trace)
        variables = exception_details.missing_variables(current, frames)
        host = exception_details.unknown_host(current, frames)
        message = _message(current)
        of_none = exception_details.none_attributes(current, message, frames)
        info = ExceptionInfo(name, message, trace, location, calls, link, read, variables, host, of_none)
        found.append(info)
        if read is not None and READ_MARK not in marks_of(current):
            current = _cause(current) or _context(current)  # the KeyError below it says nothing more
            seen.add(id(current))
        current, link = _next(current) if current is not None else (None, "")
    if not any(raised.calls for raised in found):
        return tuple(found)
    # A library's line explains nothing where the target's own code is known.
    return tuple(raised if raised.calls else replace(raised, location=None) for raised in found)


def links_of(error: BaseException) -> Iterator[BaseException]:
    """An exception and those that it refers to as its cause or context."""
    pending, seen = [error], set[int]()
    while pending and len(seen) < _MOST_LINKS:
        one = pending.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            pending.extend(each for each in (_cause(one), _context(one)) if each is not None)


def _read_of(error: BaseException) -> int | None:
    """The failed read that raised this very exception: the recorder's KeyError, or what `State` makes of it."""
    for candidate in (error, _cause(error), _context(error)):
        read = marks_of(candidate).get(READ_MARK) if candidate is not None else None
        if read is not None and (candidate is error or type(error) is AttributeError):
            return int(read)
    return None


def _next(error: BaseException) -> tuple[BaseException | None, str]:
    members = getattr(error, "exceptions", None) if class_name(error).endswith("ExceptionGroup") else None
    if members:
        return members[0], "cause"
    if _cause(error) is not None:
        return _cause(error), "cause"
    return (None if _suppress_context(error) else _context(error)), "context"


def _syntax_error_line(error: Any) -> Location | None:
    """The line of the target's own code that cannot be parsed; None: it is another error, or in another file."""
    if not issubclass(type(error), SyntaxError) or not error.lineno or not own_code.is_own_code(error.filename or "<>"):
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
    # Not `isinstance`, which reads `__class__`: an exception may refuse that.
    status = _exit_status(error) if issubclass(type(error), SystemExit) else None
    return StageFailure(
        kind="exited" if issubclass(type(error), (SystemExit, KeyboardInterrupt)) else kind,
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


def _exit_status(error: Any) -> int:
    """The exit status that the interpreter would give, see `sys.exit`."""
    if error.code is None:
        return 0
    return error.code if isinstance(error.code, int) else 1
