"""Startup handlers, and how often each was called."""

from __future__ import annotations

import functools
import sys
import weakref
from collections.abc import Iterable
from types import CodeType, ModuleType
from typing import Any, Callable

from ...protocol.observed.observation import StartupHandler
from ..inspection import source_locations
from ..inspection.safe_inspect import class_name, instance_attribute
from .wrappers import router_of


class HandlerCalls:
    """How often one startup handler ran."""

    def __init__(self, handler: Any) -> None:
        self.handler = handler
        self.calls = 0


class HandlerMonitor:
    """Counts the calls of the startup handlers registered on routers (`on_startup`, `on_event("startup")`).

    While startup runs, the routers' lists hold counting handlers instead. A direct call of a handler is observed as
    well, because its code object is monitored.

    Args:
        started: sees which functions start; started and stopped by the caller.
    """

    def __init__(self, started: CodeMonitor) -> None:
        self._routers: list[Any] = []  # weak references: routers compare by value and have no hash
        self._counts: dict[Any, HandlerCalls] = {}
        self._exchanged: list[tuple[list[Any], list[Any]]] = []
        self._started = started
        #: Is called with each router that is created.
        self.on_created: Callable[[Any], None] = lambda router: None

    def hook(self, module: ModuleType) -> None:
        """Remember every router: `starlette.routing` has been imported."""
        router_class: Any = module.Router
        initialise = router_class.__init__
        routers, monitor = self._routers, self

        @functools.wraps(initialise)
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - replaces the method of the class
            initialise(self, *args, **kwargs)
            routers.append(weakref.ref(self))
            monitor.on_created(self)

        router_class.__init__ = __init__

    def install(self) -> list[CodeType]:
        """Start counting. Returns the code that has to be watched."""
        for reference in self._routers:
            router = reference()
            handlers = instance_attribute(router, "on_startup")
            if type(handlers) is not list or not handlers:
                continue
            self._exchanged.append((handlers, list(handlers)))
            handlers[:] = [self._counting(handler) for handler in handlers]
        return [code for count in self._counts.values() for code in [code_of(count.handler)] if code]

    def uninstall(self) -> None:
        """Restore the handlers."""
        for handlers, originals in self._exchanged:
            if len(handlers) == len(originals):
                handlers[:] = originals

    def _counting(self, handler: Any) -> Any:
        count = self._counts.get(_key(handler))
        if count is None:
            count = self._counts[_key(handler)] = HandlerCalls(handler)
        # The framework inspects the function to decide whether to await it, so there are two kinds of replacement.
        if _is_async(handler):

            @functools.wraps(handler)
            async def counted_async(*args: Any, **kwargs: Any) -> Any:
                count.calls += 1
                return await handler(*args, **kwargs)

            return counted_async

        @functools.wraps(handler)
        def counted(*args: Any, **kwargs: Any) -> Any:
            count.calls += 1
            return handler(*args, **kwargs)

        return counted

    def routers(self) -> list[Any]:
        """All routers that exist."""
        return [router for router in (reference() for reference in self._routers) if router is not None]

    def of_all(self, apps: Iterable[tuple[Any, str]]) -> tuple[StartupHandler, ...]:
        """The handlers of applications, each given with its path, the outermost first: it has what several have."""
        found: dict[Any, StartupHandler] = {}
        for app, path in apps:
            found = {**self._registered(app, path), **found}
        return tuple(found.values())

    def of(self, app: Any, registered_on: str) -> tuple[StartupHandler, ...]:
        """The handlers registered on one application, each once, with what was counted."""
        return tuple(self._registered(app, registered_on).values())

    def _registered(self, app: Any, registered_on: str) -> dict[Any, StartupHandler]:
        handlers = instance_attribute(router_of(app), "on_startup")
        if type(handlers) is not list:
            return {}
        found = {}
        for handler in handlers:
            count = self._counts.get(_key(handler))
            calls = None if count is None else count.calls
            code = code_of(handler)
            if calls == 0 and code is not None and self._started.saw(code):
                calls = 1
            name = getattr(handler, "__qualname__", "") or type(handler).__qualname__
            found[_key(handler)] = StartupHandler(
                str(name),
                registered_on,
                calls,
                source_locations.location_of_object(handler),
                _stores(handler) if calls == 0 else (),
            )
        return found


def _stores(handler: Any) -> tuple[str, ...]:
    from ..inspection import code_names

    return code_names.stored_by(handler)


def _key(handler: Any) -> Any:
    """The identity of a handler: each access of a bound method creates a new object."""
    if class_name(handler) == "method":
        return id(handler.__self__), id(handler.__func__)
    return id(handler)


def code_of(handler: Any) -> CodeType | None:
    """The code of a function, also behind methods and partials; None for any other object."""
    for _ in range(8):
        kind = class_name(handler)
        if kind == "method":
            handler = handler.__func__
        elif kind == "partial":
            handler = handler.func
        elif kind == "function":
            code: CodeType = handler.__code__
            return code
        else:
            return None
    return None


def _is_async(handler: Any) -> bool:
    """As Starlette's `is_async_callable` decides."""
    import inspect

    while isinstance(handler, functools.partial):
        handler = handler.func
    return inspect.iscoroutinefunction(handler) or (
        callable(handler) and inspect.iscoroutinefunction(type(handler).__call__)
    )


def _profiler() -> Any:
    import _lsprof

    class Profiler(_lsprof.Profiler):
        """The interpreter's profiler, for Python 3.9 to 3.11, where there can be one only."""

        def __call__(self, frame: Any, event: str, argument: Any) -> None:
            """The application has restored this profiler with `sys.setprofile`: it is called once and replaces that."""
            self.enable()

    return Profiler(subcalls=False, builtins=False)


class CodeMonitor:
    """Observes which code objects are started, by `sys.monitoring` or, before Python 3.12, the profiler.

    Attributes:
        is_reliable: whether what was not seen did not start; otherwise it is unknown.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._codes: list[CodeType] = []
        self._profiler: Any = None
        self._tool: int | None = None
        self.is_reliable = True

    def watch(self, codes: list[CodeType]) -> None:
        """Start observing these."""
        self._codes = codes
        if not codes:
            return
        monitoring: Any = getattr(sys, "monitoring", None)
        if monitoring is None:
            if sys.getprofile() is None:  # else a profiler of the application is active
                self._profiler = _profiler()
                self._profiler.enable()
            else:
                self.is_reliable = False
            return
        for tool in (4, 3, 5):
            if monitoring.get_tool(tool) is None:
                self._tool = tool
                monitoring.use_tool_id(tool, "netra-contracts")
                monitoring.register_callback(
                    tool, monitoring.events.PY_START, lambda code, offset: self._seen.add(id(code))
                )
                for code in codes:
                    monitoring.set_local_events(tool, code, monitoring.events.PY_START)
                return
        self.is_reliable = False

    def add(self, code: CodeType) -> None:
        """Observe one more."""
        if self._tool is not None:
            monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]  # 3.12
            self._codes.append(code)
            monitoring.set_local_events(self._tool, code, monitoring.events.PY_START)
        elif self._profiler is None:
            self.watch([*self._codes, code])

    def stop(self) -> None:
        """Stop observing."""
        if self._profiler is not None:
            current: Any = sys.getprofile()
            if current is self._profiler:  # else the application has set one of its own since
                self._profiler.disable()
            else:
                self.is_reliable = False
            self._seen.update(id(entry.code) for entry in self._profiler.getstats())
            self._profiler = None
        if self._tool is not None:
            sys.monitoring.free_tool_id(self._tool)  # type: ignore[attr-defined, unused-ignore]  # 3.12
            self._tool = None

    def saw(self, code: CodeType) -> bool:
        """Whether this code was started while it was observed."""
        return id(code) in self._seen
