"""The paths of an application's WebSocket routes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..inspection.safe_inspect import instance_attribute, type_name
from ..startup.wrappers import family_of, unwrap

#: Classes of routes, and of those below which anything may be served.
_ROUTES = ("starlette.routing:WebSocketRoute", "litestar.routes.websocket:WebSocketRoute")
_MOUNTED_UNKNOWN = ("litestar.routes.asgi:ASGIRoute",)
_MAX_ROUTES = 500

#: Ends the path of a mounted application whose routes cannot be read.
ANYTHING = "/{path:path}"


def websocket_routes(app: Any) -> tuple[str, ...]:
    """Paths as the framework writes them (`/ws/{user}`); empty if the routes of the application cannot be read.

    What wraps an application may serve WebSockets itself, so the routes of a wrapped one are not all there are.
    """
    if not family_of(app):
        return ()
    found = []
    for path in _paths(app, "", set()):
        found.append(path)
        if len(found) == _MAX_ROUTES:
            break
    return tuple(dict.fromkeys(found))


def _paths(app: Any, prefix: str, seen: set[int]) -> Iterator[str]:
    router = instance_attribute(app, "router") or app
    routes = instance_attribute(router, "routes")
    if type(routes) is not list:
        yield prefix + ANYTHING
        return
    if id(router) in seen:
        return
    seen.add(id(router))
    for route in routes:
        included = instance_attribute(route, "original_router")
        if included is not None:
            context = instance_attribute(route, "include_context")
            inner = instance_attribute(context, "prefix") if context is not None else None
            yield from _paths(included, prefix + (inner if type(inner) is str else ""), seen)
            continue
        path, kinds = instance_attribute(route, "path"), _kinds(route)
        path = path if type(path) is str else ""  # a Host has none
        if any(kind in kinds for kind in _ROUTES):
            yield prefix + path
        elif any(kind in kinds for kind in _MOUNTED_UNKNOWN):
            yield prefix + path.rstrip("/") + ANYTHING
        elif instance_attribute(route, "endpoint") is None and instance_attribute(route, "app") is not None:
            yield from _paths(unwrap(instance_attribute(route, "app")), prefix + path, seen)


def _kinds(route: Any) -> tuple[str, ...]:
    return tuple(type_name(base) for base in type.__dict__["__mro__"].__get__(type(route)))
