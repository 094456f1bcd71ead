"""Observes asynchronous generators of the application that its own code advances by hand during startup.

Such a generator is a context manager without `asynccontextmanager`: what follows its `yield` runs only if somebody
advances it once more. asyncio closes those that are dropped, `asyncio.run` those that are left.
"""

from __future__ import annotations

import contextlib
import dis
import sys
import weakref
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any, NamedTuple

from ....protocol.observed.lifecycle import AbandonedGenerator
from ...inspection import own_code, source_locations

_CONTEXTLIB = contextlib.__file__
#: Its functions that enter a context: of the manager, and of an `AsyncExitStack`, which somebody has to close.
_ENTRIES = ("__aenter__", "enter_async_context")
#: Methods of iterators of the application that take the next item of another one.
_ITERATOR_METHODS = ("__anext__", "asend")
_JUMPS = frozenset([*dis.hasjrel, *dis.hasjabs])
#: Instructions after which the next one is not executed.
_ENDS = frozenset(
    [
        "JUMP_ABSOLUTE",
        "JUMP_BACKWARD",
        "JUMP_BACKWARD_NO_INTERRUPT",
        "JUMP_FORWARD",
        "RAISE_VARARGS",
        "RERAISE",
        "RETURN_CONST",
        "RETURN_VALUE",
    ]
)


class _Advanced(NamedTuple):
    """A generator that was advanced by hand, and the line that did it first."""

    reference: weakref.ref[Any]
    site: source_locations.Site


class GeneratorMonitor:
    """Observes from `install` on which generators are advanced by hand, and until `uninstall` which are dropped."""

    def __init__(self) -> None:
        self._advanced: dict[int, _Advanced] = {}
        self._dropped: list[AbandonedGenerator] = []
        self._hooks: Any = None
        self._installed: Any = None
        self._is_startup = False

    def install(self) -> None:
        """Begin to observe, in an event loop that runs: it has set hooks of its own, which are called."""
        self._is_startup = True
        hooks = self._hooks = sys.get_asyncgen_hooks()
        first, finalize = hooks.firstiter, hooks.finalizer

        def started(generator: Any) -> None:
            self._advanced.pop(id(generator), None)  # of another one, which is gone
            if self._is_startup and own_code.is_own_code(generator.ag_code.co_filename):
                self._note(generator, sys._getframe(1))
            if first is not None:
                first(generator)

        def dropped(generator: Any) -> None:
            advanced = self._advanced.pop(id(generator), None)
            if advanced is not None:
                self._dropped.extend(_abandoned(generator, advanced, dropped=self._is_startup))
            if finalize is not None:
                finalize(generator)

        sys.set_asyncgen_hooks(firstiter=started, finalizer=dropped)
        self._installed = started

    def end_startup(self) -> None:
        """Note no further generators; those that are noted are watched."""
        self._is_startup = False

    def uninstall(self) -> None:
        """Give the hooks back to the loop, unless the application has set its own."""
        if self._hooks is not None and sys.get_asyncgen_hooks().firstiter is self._installed:
            sys.set_asyncgen_hooks(*self._hooks)

    def _note(self, generator: Any, frame: FrameType) -> None:
        site = _advancing_site(frame)
        if site is not None:
            self._advanced[id(generator)] = _Advanced(weakref.ref(generator), site)

    def abandoned(self, *, has_shut_down: bool) -> tuple[AbandonedGenerator, ...]:
        """Generators that were dropped, and those that the shutdown has left at their `yield`.

        Args:
            has_shut_down: whether the shutdown was complete: else it may not have come to them.
        """
        if not has_shut_down:
            return tuple(self._dropped)
        left = [
            found
            for advanced in self._advanced.values()
            for generator in [advanced.reference()]
            if generator is not None
            for found in _abandoned(generator, advanced, dropped=None)
        ]
        return (*self._dropped, *left)


def _advancing_site(frame: FrameType | None) -> source_locations.Site | None:
    """The line of the application that advances a generator by hand; None: a statement or a library does."""
    is_context = False
    while frame is not None and (own_code.is_probe(frame.f_code.co_filename) or _is_entry(frame)):
        is_context = True
        frame = frame.f_back
    if frame is None or not own_code.is_own_code(frame.f_code.co_filename):
        return None
    if frame.f_code.co_name in _ITERATOR_METHODS or _is_statement(frame, is_context):
        return None
    return source_locations.site_of(frame)


def _is_entry(frame: FrameType) -> bool:
    return frame.f_code.co_filename == _CONTEXTLIB and frame.f_code.co_name in _ENTRIES


def _is_statement(frame: FrameType, is_context: bool) -> bool:
    """Whether an `async with` or an `async for` advances the generator, and finishes it."""
    before = [one for one in dis.get_instructions(frame.f_code) if one.offset <= frame.f_lasti]
    if not before:
        return False
    if not is_context:
        return before[-1].opname == "GET_ANEXT"
    for index in range(len(before) - 1, 0, -1):
        if before[index].opname == "GET_AWAITABLE":  # its argument says what is awaited, from Python 3.11 on
            entered = sys.version_info >= (3, 11) and before[index].arg == 1
            return entered or before[index - 1].opname == "BEFORE_ASYNC_WITH"
    return False


def _abandoned(generator: Any, advanced: _Advanced, *, dropped: bool | None) -> Iterator[AbandonedGenerator]:
    """A generator, if it waits at a `yield` that is followed by code which is not going to run.

    Args:
        generator: was advanced by hand.
        advanced: how.
        dropped: whether that was during startup; None: something refers to it.
    """
    frame = generator.ag_frame
    if frame is None or generator.ag_running or generator.ag_await is not None:
        return
    code, at = frame.f_code, frame.f_lasti
    if not _has_rest(code, at, frame.f_lineno):
        return
    if dropped is False and _is_guarded(code, at):
        return  # dropped by the shutdown: asyncio runs its `finally`
    site = source_locations.site_of(frame)
    location, entered = source_locations.location(site), source_locations.location(advanced.site)
    if location is not None and entered is not None:
        yield AbandonedGenerator(site[2], location, entered, dropped is True)


def _has_rest(code: CodeType, at: int, line: int) -> bool:
    """Whether a `yield` is followed by code of other lines, or is inside of a `try` or `with`.

    One that is reached again yields a series: nothing there is about a shutdown.
    """
    following = _following(code, at)
    lines = dict(dis.findlinestarts(code))
    starts = sorted(lines)
    others = {lines[max(start for start in starts if start <= offset)] for offset in following} - {line, None}
    return at not in following and (bool(others) or _is_guarded(code, at))


def _following(code: CodeType, at: int) -> set[int]:
    """The offsets of the instructions that may be executed after one, unless an exception is raised."""
    instructions = [one for one in dis.get_instructions(code) if one.opname != "CACHE"]
    index_of = {one.offset: index for index, one in enumerate(instructions)}
    found: set[int] = set()
    pending = [index_of[at] + 1]
    while pending:
        index = pending.pop()
        if index >= len(instructions) or instructions[index].offset in found:
            continue
        one = instructions[index]
        found.add(one.offset)
        if one.opcode in _JUMPS:
            pending.append(index_of.get(one.argval, len(instructions)))
        if one.opname not in _ENDS:
            pending.append(index + 1)
    return found


def _is_guarded(code: CodeType, at: int) -> bool:
    """Whether a `try` or `with` is around an instruction: it runs when the generator is closed."""
    if sys.version_info < (3, 11):
        depth = 0
        for one in dis.get_instructions(code):
            if one.offset > at:
                break
            depth += one.opname.startswith("SETUP_") - (one.opname == "POP_BLOCK")
        return depth > 0
    bytecode: Any = dis.Bytecode(code)
    entries = bytecode.exception_entries
    handlers = {entry.target for entry in entries if entry.start <= at < entry.end}
    implicit = ("CALL_INTRINSIC_1", "CLEANUP_THROW")
    return any(one.offset in handlers and one.opname not in implicit for one in dis.get_instructions(code))
