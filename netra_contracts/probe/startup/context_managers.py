"""Observes which context managers made by `contextlib` are entered during startup, and what they yield.

This shows two facts: the line of the `yield` that gave an entry to the lifespan's state, and whether the lifespan of a
mounted application was entered by anyone.
"""

from __future__ import annotations

import contextlib
from typing import Any

from ..inspection import own_code, source_locations
from ..inspection.safe_inspect import class_name

_MANAGERS: tuple[Any, ...] = (
    contextlib._AsyncGeneratorContextManager,
    contextlib._GeneratorContextManager,
)


class ContextManagerMonitor:
    """The functions whose contexts were entered, and the mappings that they yielded with the line of the `yield`."""

    def __init__(self) -> None:
        self._entered: dict[int, Any] = {}
        self._yielded: list[tuple[dict[str, Any], source_locations.Site]] = []
        self._originals: list[tuple[Any, str, Any]] = []

    def install(self) -> None:
        """Begin to monitor."""
        asynchronous, synchronous = _MANAGERS
        enter_async: Any = asynchronous.__aenter__
        enter: Any = synchronous.__enter__
        monitor = self

        async def __aenter__(self: Any) -> Any:  # noqa: N807 - replaces the method of contextlib
            function, generator = self.__dict__.get("func"), self.gen
            monitor.note_entry(function)
            result = await enter_async(self)
            monitor.note_yield(result, getattr(generator, "ag_frame", None))
            return result

        def __enter__(self: Any) -> Any:  # noqa: N807 - replaces the method of contextlib
            function, generator = self.__dict__.get("func"), self.gen
            monitor.note_entry(function)
            result = enter(self)
            monitor.note_yield(result, getattr(generator, "gi_frame", None))
            return result

        self._originals = [(asynchronous, "__aenter__", enter_async), (synchronous, "__enter__", enter)]
        asynchronous.__aenter__ = __aenter__
        synchronous.__enter__ = __enter__

    def uninstall(self) -> None:
        """Stop observing."""
        for owner, name, original in self._originals:
            setattr(owner, name, original)
        self._originals = []

    def note_entry(self, function: Any) -> None:
        """Record that a context made by `function` is entered."""
        if function is not None:
            self._entered[id(function)] = function

    def note_yield(self, result: Any, frame: Any) -> None:
        """Record that a context yielded `result` in `frame`."""
        if frame is None or not issubclass(type(result), dict) or not result:
            return
        code = frame.f_code
        if own_code.rank(code.co_filename):
            self._yielded.append((dict(result), (code.co_filename, frame.f_lineno, source_locations.name_of(code))))

    def yield_site(self, key: str, value: Any) -> source_locations.Site | None:
        """The line of the `yield` that gave this object under this key, where possible the target's own."""
        missing = object()
        sites = [site for mapping, site in reversed(self._yielded) if mapping.get(key, missing) is value]
        return next((site for site in sites if own_code.is_own_code(site[0])), next(iter(sites), None))

    def entered(self, lifespan: Any) -> bool | None:
        """Whether the function behind a lifespan was entered; None: unknown."""
        leaves = leaves_of(lifespan)
        if not leaves:
            return None
        return any(id(leaf) in self._entered for leaf in leaves)


def leaves_of(lifespan: Any, _seen: set[int] | None = None) -> list[Any]:
    """The application's generator functions behind a lifespan, also behind FastAPI's merged ones (closures)."""
    seen = _seen if _seen is not None else set()
    if lifespan is None or id(lifespan) in seen or len(seen) > 200:
        return []
    seen.add(id(lifespan))
    name = class_name(lifespan)
    if name == "method":
        return leaves_of(lifespan.__func__, seen)
    if name == "partial":
        return leaves_of(lifespan.func, seen)
    if name != "function":
        return []
    wrapped = lifespan.__dict__.get("__wrapped__")
    function = wrapped if class_name(wrapped) == "function" else None
    if function is not None and not own_code.is_library_file(function.__code__.co_filename):
        return [function]
    inner: list[Any] = []
    for holder in (function, lifespan):
        for cell in getattr(holder, "__closure__", None) or ():
            try:
                inner.extend(leaves_of(cell.cell_contents, seen))
            except ValueError:  # an empty cell
                continue
    return inner
