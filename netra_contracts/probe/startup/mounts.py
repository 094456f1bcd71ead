"""Applications that are mounted in another one, or that a dispatcher passes requests to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ...protocol.observation import MountedApp, StartupHandler
from ..inspection import source_locations
from ..inspection.safe_inspect import instance_attribute, type_name
from .app_structure import HandlerMonitor
from .lifespans import LifespanMonitor, leaves_of, lifespans_of
from .wrappers import WrappedApp, family_of, is_router, wrapped_apps


class Mount(NamedTuple):
    """A mounted application or router, taken out of its wrappers.

    `path` is the full path as a reader would write it: `/` for what is mounted there, unlike the application around it,
    the pattern of the host for a `Host` route, and "" for the application inside the wrappers of the target.
    """

    path: str
    app: Any


def applications(roots: Iterable[WrappedApp]) -> list[Mount]:
    """The applications of the target, each followed by those that are mounted in it. Each once, with its first path."""
    found: list[Mount] = []
    seen: set[int] = set()
    for name, app in roots:
        for mount in (Mount(name, app), *_mounted_in(app, name, set())):
            if id(mount.app) not in seen:
                seen.add(id(mount.app))
                found.append(mount)
    return found


def _mounted_in(app: Any, prefix: str, seen: set[int]) -> Iterator[Mount]:
    """All mounted applications below an application or router, also those in included routers."""
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
            yield from _mounted_in(included, prefix + (inner if type(inner) is str else ""), seen)
            continue
        path, mounted = _mount_of(route)
        if mounted is None:
            continue
        for name, inside in wrapped_apps(mounted, routers=True):
            yield Mount(prefix + ((path + name) or "/"), inside)
            yield from _mounted_in(inside, prefix + path + name, seen)


def _mount_of(route: Any) -> tuple[str, Any]:
    """The path and the application of a route that is a mount; else None for the application."""
    path = instance_attribute(route, "path")
    if type(path) is not str:
        path = instance_attribute(route, "host")
    handler = instance_attribute(route, "route_handler")
    if handler is not None:  # one of Litestar: `asgi(...)` handlers pass the request on
        is_asgi = type_name(type(handler)).startswith("litestar.handlers.asgi_handlers:")
        mounted = _function_of(handler) if is_asgi else None
        return (path.rstrip("/") if type(path) is str else ""), mounted
    mounted = instance_attribute(route, "app")
    endpoint = instance_attribute(route, "endpoint")
    if type(path) is not str or (endpoint is not None and not family_of(endpoint)):
        return "", None
    return path, mounted


def _function_of(handler: Any) -> Any:
    for name in ("fn", "_fn"):
        function = instance_attribute(handler, name)
        if function is not None:
            return function
    return None


def has_startup(app: Any) -> bool:
    """Whether an application has a lifespan or startup handlers of its own."""
    router = instance_attribute(app, "router") or app
    return bool(instance_attribute(router, "on_startup")) or any(map(leaves_of, lifespans_of(app)))


def describe_mounts(
    apps: Iterable[Mount], target: Any, lifespans: LifespanMonitor, handlers: HandlerMonitor
) -> tuple[MountedApp, ...]:
    """Applications that something has to pass the lifespan on to, and whether theirs were entered, as observed.

    Args:
        apps: the applications of the target.
        target: the ASGI application that the server runs. It is not described.
        lifespans: have observed the startup.
        handlers: have observed the startup.
    """
    described = [
        _describe_mount(mount, lifespans, handlers.of(mount.app, mount.path))
        for mount in apps
        if mount.app is not target and (family_of(mount.app) or is_router(mount.app))
    ]
    return tuple(mounted for mounted in described if mounted is not None)


def _describe_mount(mount: Mount, lifespans: LifespanMonitor, own: tuple[StartupHandler, ...]) -> MountedApp | None:
    managers = lifespans_of(mount.app)
    leaves = [leaf for manager in managers for leaf in leaves_of(manager)]
    if not (leaves or own or family_of(mount.app)):
        return None
    entered: bool | None = None
    if family_of(mount.app) == "Litestar":
        entered = lifespans.entered_litestar(mount.app) or any(lifespans.entered(mount.app, one) for one in managers)
    elif leaves:
        results = [lifespans.entered(mount.app, manager) for manager in managers if leaves_of(manager)]
        entered = True if True in results else None if None in results else False
    elif own:
        calls = [handler.calls for handler in own]
        entered = any(calls) if None not in calls else None
    codes = [leaf.code for leaf in leaves if leaf.code is not None]
    location = source_locations.location_of_code(codes[0]) if codes else (own[0].location if own else None)
    return MountedApp(mount.path, type_name(type(mount.app)), bool(leaves or own), entered, location)
