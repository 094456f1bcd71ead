"""Applications that are mounted in another one, or that a dispatcher passes requests to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ...protocol.observed.observation import MountedApp, StartupHandler
from ..inspection import source_locations
from ..inspection.safe_inspect import instance_attribute, type_name
from .app_structure import HandlerMonitor
from .lifespans.monitor import LifespanMonitor, leaves_of, lifespans_of
from .wrappers import WrappedApp, family_of, is_router, router_of, wrapped_apps


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
        for mount in (Mount(name, app), *_mounted_in(app, name)):
            if id(mount.app) not in seen:
                seen.add(id(mount.app))
                found.append(mount)
    return found


def _mounted_in(app: Any, name: str) -> Iterator[Mount]:
    """All applications and routers that are mounted below an application."""
    for found in routes_below(app, name):
        if found.app is not None and (family_of(found.app) or is_router(found.app)):
            yield Mount(found.name, found.app)


class FoundRoute(NamedTuple):
    """A route below an application.

    Attributes:
        name: its full path as a reader would write it: with the pattern of the host for a `Host` route, and `/` for
            what is mounted there.
        url: the path of its requests.
        route: the route.
        app: what is mounted there; None: nothing is.
    """

    name: str
    url: str
    route: Any
    app: Any


def routes_below(app: Any, name: str = "", url: str = "", above: frozenset[int] = frozenset()) -> Iterator[FoundRoute]:
    """The routes of an application or router, of those that it includes, and of the applications mounted in it.

    What is mounted is taken out of its wrappers, where that is possible; a dispatcher may have several applications.

    Args:
        app: the application or router.
        name: its own name, see `FoundRoute`.
        url: the path of its requests.
        above: ids of the routers around it.
    """
    router = router_of(app)
    routes = instance_attribute(router, "routes")
    if id(router) in above or type(routes) is not list:
        return
    above |= {id(router)}
    for route in routes:
        included = instance_attribute(route, "original_router")
        if included is not None:
            context = instance_attribute(route, "include_context")
            inner = instance_attribute(context, "prefix") if context is not None else None
            prefix = inner if type(inner) is str else ""
            yield from routes_below(included, name + prefix, url + prefix, above)
            continue
        path, mounted = _path_of(route), _mounted_by(route)
        if mounted is None:
            yield FoundRoute(name + path, url + path, route, None)
            continue
        path = path.rstrip("/")
        host = instance_attribute(route, "host")
        step = host if not path and type(host) is str else path
        inside = wrapped_apps(mounted, routers=True)
        if len(inside) != 1 or inside[0].app is not mounted:  # what wraps it may serve requests itself
            yield FoundRoute(name + (step or "/"), url + path, route, mounted)
        for key, child in inside:
            if id(router_of(child)) not in above:
                yield FoundRoute(name + (step + key or "/"), url + path + key, route, child)
                yield from routes_below(child, name + step + key, url + path + key, above)


def _path_of(route: Any) -> str:
    """The path of a route; empty for a `Host`, which has none."""
    path = instance_attribute(route, "path")
    return path if type(path) is str else ""


def _mounted_by(route: Any) -> Any:
    """The application that a route passes requests to; None if it has an endpoint."""
    handler = instance_attribute(route, "route_handler")
    if handler is not None:  # one of Litestar: `asgi(...)` handlers pass the request on
        is_asgi = type_name(type(handler)).startswith("litestar.handlers.asgi_handlers:")
        return _function_of(handler) if is_asgi else None
    endpoint = instance_attribute(route, "endpoint")
    has_address = any(type(instance_attribute(route, name)) is str for name in ("path", "host"))
    passes_on = has_address and (endpoint is None or family_of(endpoint))
    return instance_attribute(route, "app") if passes_on else None


def _function_of(handler: Any) -> Any:
    for name in ("fn", "_fn"):
        function = instance_attribute(handler, name)
        if function is not None:
            return function
    return None


def has_startup(app: Any) -> bool:
    """Whether an application has a lifespan or startup handlers of its own."""
    return bool(instance_attribute(router_of(app), "on_startup")) or any(map(leaves_of, lifespans_of(app)))


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
