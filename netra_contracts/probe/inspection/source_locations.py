"""Source locations: which line of a stack explains what happened."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import islice
from types import CodeType, FrameType, TracebackType
from typing import Any

from ...protocol.location import Location
from ...protocol.text_limits import MAX_TEXT, limited
from . import own_code
from .safe_inspect import class_name

Site = tuple[str, int, str]

#: The longest chain of calls.
_MAX_CALLS = 10


def name_of(code: CodeType) -> str:
    """A function's qualified name; before Python 3.11 its unqualified name."""
    return limited(getattr(code, "co_qualname", code.co_name))


def site_of(frame: FrameType) -> Site:
    """The line that a frame executes."""
    return frame.f_code.co_filename, frame.f_lineno, name_of(frame.f_code)


def first_application_frame(depth: int) -> Site | None:
    """The innermost line on the stack that is the target's own code, from `depth` calls up.

    If there is none, as where a library's task writes, that of a package which is not a framework.
    """
    frame: FrameType | None = sys._getframe(depth)
    second: Site | None = None
    while frame is not None:
        rank = own_code.rank(frame.f_code.co_filename)
        if rank == own_code.OWN:
            return site_of(frame)
        if rank == own_code.LIBRARY and second is None:
            second = site_of(frame)
        frame = frame.f_back
    return second


def location(site: Site | None) -> Location | None:
    """A site as a `Location`, with an absolute path."""
    if site is None:
        return None
    file, line, function = site
    return Location(absolute(file), line, function)


_absolute: dict[str, str] = {}


def absolute(file: str) -> str:
    """The absolute path of a code object's file; names such as `<string>` are returned unchanged."""
    known = _absolute.get(file)
    if known is None:
        known = _absolute[file] = limited(file if file.startswith("<") else os.path.abspath(file), MAX_TEXT)
    return known


def location_of_code(code: CodeType) -> Location:
    """Where a function is defined."""
    return Location(absolute(code.co_filename), code.co_firstlineno, name_of(code))


def location_of_object(obj: Any) -> Location | None:
    """Where a function, method or partial is defined; None for any other object."""
    function = obj
    for _ in range(8):
        function = getattr(function, "__func__", function) if class_name(function) == "method" else function
        attributes = type.__getattribute__(type(function), "__dict__")
        if "__code__" in attributes:
            wrapped = function.__dict__.get("__wrapped__")
            if wrapped is None:
                return location_of_code(function.__code__)
            function = wrapped
        elif class_name(function) == "partial":
            function = function.func
        else:
            break
    return None


def location_of_class(cls: type) -> Location | None:
    """Where a class is defined; before Python 3.13 the line of its first method."""
    members = type.__dict__["__dict__"].__get__(cls)
    for member in list(members.values()):
        if class_name(member) == "function" and member.__module__ == members.get("__module__"):
            first_method = location_of_code(member.__code__)
            return Location(first_method.file, members.get("__firstlineno__", first_method.line), first_method.function)
    return None


def frames_of(trace: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    """Frames and lines of a traceback, outermost first."""
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def trace_of(trace: TracebackType | None) -> tuple[Location, ...]:
    """The lines of a traceback, outermost first, without those of the probe and the import system."""
    lines = []
    while trace is not None:
        code = trace.tb_frame.f_code
        if not own_code.is_probe(code.co_filename) and not code.co_filename.startswith("<frozen importlib"):
            lines.append(_line_of(code, trace.tb_lineno, trace.tb_lasti))
        trace = trace.tb_next
    return tuple(lines if len(lines) <= 60 else lines[:30] + lines[-30:])


def line_of(frame: FrameType) -> Location:
    """The line that a frame executes."""
    return _line_of(frame.f_code, frame.f_lineno, frame.f_lasti)


def _line_of(code: CodeType, line: int, instruction: int) -> Location:
    """The line of an instruction; with its columns, where the interpreter has them and the code is the target's own."""
    file, function = absolute(code.co_filename), name_of(code)
    positions: Any = getattr(code, "co_positions", None)  # Python 3.11
    if positions is not None and instruction >= 0 and own_code.is_own_code(code.co_filename):
        position: Any = next(islice(positions(), instruction // 2, None), (None,) * 4)
        first, last, column, end = position
        if first == line and column is not None:
            return Location(file, line, function, column + 1, end + 1 if last == first else None)
    return Location(file, line, function)


def calls_of(trace: tuple[Location, ...]) -> tuple[Location, ...]:
    """The lines of a trace that are the target's own code, outermost first: of a recursion one, of many the ends."""
    calls: list[Location] = []
    for line in filter(is_application, trace):
        if not any((call.file, call.function) == (line.file, line.function) for call in calls[-2:]):
            calls.append(line)
        elif (calls[-1].file, calls[-1].function) == (line.file, line.function):
            calls[-1] = line
    return tuple(calls if len(calls) <= _MAX_CALLS else calls[:3] + calls[3 - _MAX_CALLS :])


def most_relevant_frame(lines: tuple[Location, ...]) -> Location | None:
    """The line that explains a trace: the innermost of the target's own code.

    If there is none, that of a package which is not a framework, else the last one of a file.
    """
    for wanted in (own_code.OWN, own_code.LIBRARY, own_code.MACHINERY):
        for line in reversed(lines):
            if own_code.rank(line.file) >= wanted and not line.file.startswith("<"):
                return line
    return None


def stack(frame: FrameType | None) -> tuple[Location, ...]:
    """The lines of a running frame and its callers, innermost first, reduced as by `trim_frames`."""
    lines: list[Location] = []
    while frame is not None and len(lines) < 200:
        code = frame.f_code
        if not own_code.is_probe(code.co_filename):
            lines.append(line_of(frame))
        frame = frame.f_back
    return trim_frames(lines)


def is_application(line: Location) -> bool:
    """Whether a line is the target's own code."""
    return own_code.is_own_code(line.file)


def trim_frames(lines: list[Location]) -> tuple[Location, ...]:
    """At most ten lines, innermost first: those of the application, or all if it has none."""
    own = [line for line in lines if is_application(line)]
    return tuple((own or lines)[:10])
