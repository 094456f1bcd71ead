"""The paths of an application's WebSocket routes."""

from __future__ import annotations

from itertools import islice
from typing import Any

from ..inspection.safe_inspect import instance_attribute, mro, type_name
from ..startup.mounts import FoundRoute, routes_below
from ..startup.wrappers import family_of, router_of

#: The classes of WebSocket routes.
_ROUTES = frozenset(["starlette.routing:WebSocketRoute", "litestar.routes.websocket:WebSocketRoute"])
_MAX_ROUTES = 500

#: Ends the path of a mounted application whose routes cannot be read.
ANYTHING = "/{path:path}"


def websocket_routes(app: Any) -> tuple[str, ...]:
    """Paths as the framework writes them (`/ws/{user}`); empty if the routes of the application cannot be read.

    What wraps an application may serve WebSockets itself, so the routes of a wrapped one are not all there are.
    """
    if not family_of(app):
        return ()
    if not _can_be_read(app):
        return (ANYTHING,)
    paths = (_websocket_path(found) for found in routes_below(app))
    return tuple(dict.fromkeys(islice(filter(None, paths), _MAX_ROUTES)))


def _websocket_path(found: FoundRoute) -> str:
    """The path of a WebSocket route, or of a mounted application that may have any; empty for another route."""
    if found.app is not None:
        return "" if _can_be_read(found.app) else found.url + ANYTHING
    is_websocket = any(type_name(base) in _ROUTES for base in mro(type(found.route)))
    return found.url if is_websocket else ""


def _can_be_read(app: Any) -> bool:
    return type(instance_attribute(router_of(app), "routes")) is list
