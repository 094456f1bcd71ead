"""Observes which context managers made by `contextlib` are entered during startup, and what they yield.

This shows two facts: the line of the `yield` that gave an entry to the lifespan's state, and with which arguments a
lifespan was entered.
"""

from __future__ import annotations

import contextlib
import sys
from types import CodeType, FrameType
from typing import Any, Callable, NamedTuple

from ....protocol.location import Location
from ....protocol.observed.lifecycle import DroppedMapping
from ...inspection import own_code, source_locations

_MANAGERS: tuple[Any, ...] = (
    contextlib._AsyncGeneratorContextManager,
    contextlib._GeneratorContextManager,
)


class YieldedMapping(NamedTuple):
    """A mapping that a context yielded.

    Attributes:
        mapping: a copy of it.
        site: the `yield`.
        entered: where the context was entered.
        drops: whether the function was called with an application, and who entered the context drops the mapping or is
            not code of the application.
    """

    mapping: dict[Any, Any]
    site: source_locations.Site
    entered: Location | None
    drops: bool


class ContextManagerMonitor:
    """The functions whose contexts were entered, and the mappings that they yielded with the line of the `yield`."""

    def __init__(self) -> None:
        #: By the id of the function: the function, and the ids of the arguments of each entry. Arguments are not kept
        #: alive: an object that the application drops has to end as it would without the probe.
        self._entries: dict[int, tuple[Any, list[tuple[int, ...]]]] = {}
        self._managers: set[int] = set()
        #: Whether an object is an application: then what a context made for it yields is of interest.
        self.is_application: Callable[[Any], bool] = lambda obj: True
        self._yielded: list[YieldedMapping] = []
        self._objects: list[tuple[Any, source_locations.Site]] = []
        self._originals: list[tuple[Any, str, Any]] = []

    def install(self) -> None:
        """Begin to monitor."""
        asynchronous, synchronous = _MANAGERS
        enter_async: Any = asynchronous.__aenter__
        enter: Any = synchronous.__enter__
        monitor = self

        async def __aenter__(self: Any) -> Any:  # noqa: N807 - replaces the method of contextlib
            generator, args = self.gen, monitor.note_entry(self)
            result = await enter_async(self)
            monitor.note_yield(result, getattr(generator, "ag_frame", None), args, sys._getframe(1))
            return result

        def __enter__(self: Any) -> Any:  # noqa: N807 - replaces the method of contextlib
            generator, args = self.gen, monitor.note_entry(self)
            result = enter(self)
            monitor.note_yield(result, getattr(generator, "gi_frame", None), args, sys._getframe(1))
            return result

        self._originals = [(asynchronous, "__aenter__", enter_async), (synchronous, "__enter__", enter)]
        asynchronous.__aenter__ = __aenter__
        synchronous.__enter__ = __enter__

    def uninstall(self) -> None:
        """Stop observing."""
        for owner, name, original in self._originals:
            setattr(owner, name, original)
        self._originals = []

    def note_entry(self, manager: Any) -> tuple[Any, ...]:
        """Record that a context manager is entered, and return the arguments of its function.

        Some versions of Python delete both when it is entered.
        """
        function, args = manager.__dict__.get("func"), manager.__dict__.get("args")
        args = args if type(args) is tuple else ()
        self._managers.add(id(manager))
        if function is not None:
            self._entries.setdefault(id(function), (function, []))[1].append(tuple(map(id, args)))
        return args

    def note_yield(self, result: Any, frame: Any, args: tuple[Any, ...], caller: FrameType) -> None:
        """Record that a context yielded `result` in `frame`, which `caller` had entered."""
        if frame is None or result is None:
            return
        for_application = any(map(self.is_application, args))
        if not issubclass(type(result), dict):
            if for_application:
                self._objects.append((result, source_locations.site_of(frame)))
        elif result and own_code.rank(frame.f_code.co_filename):
            entered, drops = self._what_enters(caller) if for_application else (None, False)
            self._yielded.append(YieldedMapping(dict(result), source_locations.site_of(frame), entered, drops))

    def note_return(self, result: Any, code: CodeType, caller: FrameType) -> None:
        """Record that the `__aenter__` of a lifespan's class, of which this is the code, returned `result`."""
        if issubclass(type(result), dict) and result and own_code.rank(code.co_filename):
            entered, drops = self._what_enters(caller)
            site = code.co_filename, code.co_firstlineno, source_locations.name_of(code)
            self._yielded.append(YieldedMapping(dict(result), site, entered, drops))

    @staticmethod
    def _what_enters(caller: FrameType) -> tuple[Location | None, bool]:
        """Where a context was entered, and whether its result is dropped there."""
        from .entering_code import dropping_frame, entering_frame  # late: few startups need it

        frame = entering_frame(caller)
        if frame is None:
            return None, False
        dropping = dropping_frame(frame)
        site = source_locations.site_of(frame if dropping is None else dropping)
        return source_locations.location(site), dropping is not None

    def yield_site(self, key: str, value: Any) -> source_locations.Site | None:
        """The line of the `yield` that gave this object under this key, where possible the target's own."""
        missing = object()
        sites = [one.site for one in reversed(self._yielded) if one.mapping.get(key, missing) is value]
        return next((site for site in sites if own_code.is_own_code(site[0])), next(iter(sites), None))

    def yield_of(self, result: Any) -> source_locations.Site | None:
        """The line of the `yield` that gave this object, if that is not a mapping."""
        return next((site for obj, site in reversed(self._objects) if obj is result), None)

    def dropped(self, state: dict[str, Any]) -> tuple[DroppedMapping, ...]:
        """Mappings that lifespans yielded and that did not reach a state.

        A lifespan is a function that was called with an application. If code of the application entered it and uses
        the mapping, it may be a helper of a lifespan, and nothing was dropped.

        Args:
            state: of the lifespan's scope, as it is after startup.
        """
        found = []
        for one in self._yielded:
            lost = tuple(key for key in one.mapping if type(key) is str and key not in state)
            if lost and one.drops and own_code.is_own_code(one.site[0]):
                location = source_locations.location(one.site)
                found.append(DroppedMapping(one.site[2], lost, location, one.entered))
        return tuple(found)

    def entries_of(self, function: Any) -> list[tuple[int, ...]]:
        """The ids of the positional arguments of each context that was made by a function and entered."""
        return self._entries.get(id(function), (None, []))[1]

    def entered_for(self, apps: list[Any]) -> list[Any]:
        """Those of some applications that were an argument of a context that was entered, in order."""
        known = {id(app): app for app in apps}
        return [known[arg] for _, entries in self._entries.values() for args in entries for arg in args if arg in known]

    def entered_object(self, manager: Any) -> bool:
        """Whether this very context manager, which still exists, was entered."""
        return id(manager) in self._managers
