"""The structure of an application: the framework's instance inside wrappers, startup handlers, mounted applications."""

from __future__ import annotations

import functools
import sys
import weakref
from collections.abc import Iterator
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from ...protocol.observation import MountedApp, StartupHandler
from ..inspection import source_locations
from ..inspection.safe_inspect import class_name, instance_attribute, type_name
from .context_managers import ContextManagerMonitor, leaves_of

_APPLICATIONS = {"starlette.applications:Starlette": "Starlette", "litestar.app:Litestar": "Litestar"}


def family_of(obj: Any) -> str:
    """ "Starlette" or "Litestar" for an application of that framework (FastAPI's is a Starlette), else ""."""
    for base in type.__dict__["__mro__"].__get__(type(obj)):
        family = _APPLICATIONS.get(type_name(base))
        if family:
            return family
    return ""


def unwrap(app: Any) -> Any:
    """The framework's application inside wrappers; the argument itself if there is none.

    Wrappers are objects with an attribute `app`, such as ASGI middleware, and functions that refer to an application in
    their closure or their module.
    """
    inner = app
    for _ in range(20):
        if family_of(inner):
            return inner
        inner = _named_by(inner) if class_name(inner) in ("function", "partial") else instance_attribute(inner, "app")
        if inner is None:
            return app
    return app


def _named_by(function: Any) -> Any:
    """The application that a function wraps, or None."""
    if class_name(function) == "partial":
        return next((obj for obj in (*function.args, *function.keywords.values()) if callable(obj)), None)
    for cell in function.__closure__ or ():
        try:
            if family_of(cell.cell_contents):
                return cell.cell_contents
        except ValueError:  # an empty cell
            continue
    used = (function.__globals__.get(name) for name in function.__code__.co_names)
    return next((obj for obj in used if family_of(obj)), None)


class Mount(NamedTuple):
    """A mounted application, taken out of its wrappers.

    `root_path` is what the ASGI scope of its requests has under that name: "" for an application mounted at `/`. `path`
    is the full path as a reader would write it: `/` for that one, unlike the application around it.
    """

    root_path: str
    path: str
    app: Any


def mounts_of(app: Any, prefix: str = "", _seen: set[int] | None = None) -> Iterator[Mount]:
    """All mounted applications below an application or router, also those in included routers."""
    seen = _seen if _seen is not None else set()
    router = instance_attribute(app, "router") or app
    routes = instance_attribute(router, "routes")
    if id(router) in seen or type(routes) is not list:
        return
    seen.add(id(router))
    for route in routes:
        included = instance_attribute(route, "original_router")
        if included is not None:
            context = instance_attribute(route, "include_context")
            inner = instance_attribute(context, "prefix") if context is not None else None
            yield from mounts_of(included, prefix + (inner if type(inner) is str else ""), seen)
            continue
        path = instance_attribute(route, "path")
        mounted = instance_attribute(route, "app")
        if type(path) is not str or mounted is None or instance_attribute(route, "endpoint") is not None:
            continue
        inside = unwrap(mounted)
        yield Mount(prefix + path, prefix + (path or "/"), inside)
        yield from mounts_of(inside, prefix + path, seen)


def _lifespan_of(app: Any) -> Any:
    router = instance_attribute(app, "router") or app
    return instance_attribute(router, "lifespan_context")


def describe_mounts(app: Any, contexts: ContextManagerMonitor, handlers: HandlerMonitor) -> tuple[MountedApp, ...]:
    """Mounted applications, and whether their lifespans were entered, by observed entries and calls alone."""
    return tuple(
        _describe_mount(mount, contexts, handlers.of(mount.app, mount.path))
        for mount in mounts_of(app)
        if family_of(mount.app)
    )


def _describe_mount(mount: Mount, contexts: ContextManagerMonitor, own: tuple[StartupHandler, ...]) -> MountedApp:
    lifespan = _lifespan_of(mount.app)
    leaves = leaves_of(lifespan)
    calls = [handler.calls for handler in own]
    entered: bool | None = None
    if leaves:
        entered = contexts.entered(lifespan)
    elif own:
        entered = any(calls) if None not in calls else None
    location = source_locations.location_of_code(leaves[0].__code__) if leaves else (own[0].location if own else None)
    return MountedApp(mount.path, type_name(type(mount.app)), bool(leaves or own), entered, location)


class HandlerCalls:
    """How often one startup handler ran."""

    def __init__(self, handler: Any) -> None:
        self.handler = handler
        self.calls = 0


class HandlerMonitor:
    """Counts the calls of the startup handlers registered on routers (`on_startup`, `on_event("startup")`).

    While startup runs, the routers' lists hold counting handlers instead. A direct call of a handler is observed as
    well, because its code object is monitored.
    """

    def __init__(self) -> None:
        self._routers: list[Any] = []  # weak references: routers compare by value and have no hash
        self._counts: dict[Any, HandlerCalls] = {}
        self._exchanged: list[tuple[list[Any], list[Any]]] = []
        self._started = CodeMonitor()

    def hook(self, module: ModuleType) -> None:
        """Remember every router: `starlette.routing` has been imported."""
        router_class: Any = module.Router
        initialise = router_class.__init__
        routers = self._routers

        @functools.wraps(initialise)
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - replaces the method of the class
            initialise(self, *args, **kwargs)
            routers.append(weakref.ref(self))

        router_class.__init__ = __init__

    def install(self) -> None:
        """Start counting."""
        for reference in self._routers:
            router = reference()
            handlers = instance_attribute(router, "on_startup")
            if type(handlers) is not list or not handlers:
                continue
            self._exchanged.append((handlers, list(handlers)))
            handlers[:] = [self._counting(handler) for handler in handlers]
        self._started.watch([code for count in self._counts.values() for code in [_code_of(count.handler)] if code])

    def uninstall(self) -> None:
        """Restore the handlers."""
        self._started.stop()
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

    def of_all(self, app: Any) -> tuple[StartupHandler, ...]:
        """The handlers of an application and of those mounted in it, each once: the outermost application has it."""
        found = self._registered(app, "")
        for mount in mounts_of(app):
            if family_of(mount.app):
                found = {**self._registered(mount.app, mount.path), **found}
        return tuple(found.values())

    def of(self, app: Any, registered_on: str) -> tuple[StartupHandler, ...]:
        """The handlers registered on one application, each once, with what was counted."""
        return tuple(self._registered(app, registered_on).values())

    def _registered(self, app: Any, registered_on: str) -> dict[Any, StartupHandler]:
        router = instance_attribute(app, "router") or app
        handlers = instance_attribute(router, "on_startup")
        if type(handlers) is not list:
            return {}
        found = {}
        for handler in handlers:
            count = self._counts.get(_key(handler))
            calls = None if count is None else count.calls
            code = _code_of(handler)
            if calls == 0 and code is not None and self._started.saw(code):
                calls = 1
            name = getattr(handler, "__qualname__", "") or type(handler).__qualname__
            found[_key(handler)] = StartupHandler(
                str(name), registered_on, calls, source_locations.location_of_object(handler)
            )
        return found


def _key(handler: Any) -> Any:
    """The identity of a handler: each access of a bound method creates a new object."""
    if class_name(handler) == "method":
        return id(handler.__self__), id(handler.__func__)
    return id(handler)


def _code_of(handler: Any) -> CodeType | None:
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


class CodeMonitor:
    """Observes which code objects are started, by `sys.monitoring` or, before Python 3.12, the profiler."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._codes: list[CodeType] = []
        self._profiler: Any = None
        self._tool: int | None = None

    def watch(self, codes: list[CodeType]) -> None:
        """Start observing these."""
        self._codes = codes
        if not codes:
            return
        monitoring: Any = getattr(sys, "monitoring", None)
        if monitoring is None:
            import _lsprof

            self._profiler = _lsprof.Profiler(subcalls=False, builtins=False)
            try:
                self._profiler.enable()
            except Exception:  # another profiler is active: then calls are unknown
                self._profiler = None
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

    def stop(self) -> None:
        """Stop observing."""
        if self._profiler is not None:
            self._profiler.disable()
            self._seen.update(id(entry.code) for entry in self._profiler.getstats())
            self._profiler = None
        if self._tool is not None:
            sys.monitoring.free_tool_id(self._tool)  # type: ignore[attr-defined, unused-ignore]  # 3.12
            self._tool = None

    def saw(self, code: CodeType) -> bool:
        """Whether this code was started while it was observed."""
        return id(code) in self._seen
