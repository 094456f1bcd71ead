"""The paths of WebSocket routes, wherever they are in an application."""

from __future__ import annotations

from typing import Any

import litestar
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Host, Mount, Router, WebSocketRoute

from netra_contracts.probe.serving.websocket_routes import websocket_routes
from netra_contracts.probe.startup.mounts import applications
from netra_contracts.probe.startup.wrappers import WrappedApp


async def endpoint(websocket: Any) -> None: ...


async def opaque(scope: Any, receive: Any, send: Any) -> None: ...


class Middleware:
    """Passes requests to an application, or to several by their path."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


def serving(path: str) -> FastAPI:
    app = FastAPI()
    app.add_api_websocket_route(path, endpoint)
    return app


def starlette(*routes: BaseRoute) -> Starlette:
    return Starlette(routes=routes)


def test_router_that_is_included_twice_has_two_paths() -> None:
    router, outer, app = APIRouter(), APIRouter(prefix="/outer"), FastAPI()
    router.add_api_websocket_route("/ws", endpoint)
    outer.include_router(router, prefix="/inner")
    app.include_router(router, prefix="/a")
    app.include_router(router, prefix="/b")
    app.include_router(outer)
    assert websocket_routes(app) == ("/a/ws", "/b/ws", "/outer/inner/ws")


def test_application_that_is_mounted_twice_has_two_paths() -> None:
    mounted = serving("/ws")
    assert websocket_routes(starlette(Mount("/a", mounted), Mount("/b", mounted))) == ("/a/ws", "/b/ws")


def test_routes_beside_a_mounted_application_are_found() -> None:
    app = starlette(Mount("/v1", routes=[WebSocketRoute("/ws", endpoint), Mount("/inner", serving("/x"))]))
    assert websocket_routes(app) == ("/v1/ws", "/v1/inner/x")
    assert [mount.path for mount in applications([WrappedApp("", app)])] == ["", "/v1", "/v1/inner"]


def test_host_is_in_the_address_of_an_application_and_not_in_the_paths_of_its_routes() -> None:
    app = starlette(Host("api.example.org", Router([Mount("/v1", serving("/ws"))])))
    assert websocket_routes(app) == ("/v1/ws",)
    assert [mount.path for mount in applications([WrappedApp("", app)])] == [
        *("", "api.example.org", "api.example.org/v1")
    ]


def test_what_wraps_a_mounted_application_may_serve_any_path() -> None:
    app = starlette(
        Mount("/opaque", opaque),
        Mount("/wrapped", Middleware(serving("/ws"))),
        Mount("/several", Middleware({"/one": serving("/ws"), "/two": serving("/x")})),
    )
    assert websocket_routes(app) == (
        *("/opaque/{path:path}", "/wrapped/{path:path}", "/wrapped/ws"),
        *("/several/{path:path}", "/several/one/ws", "/several/two/x"),
    )


def test_paths_of_an_application_that_is_wrapped_are_unknown() -> None:
    assert websocket_routes(Middleware(serving("/ws"))) == ()


def test_application_that_is_mounted_in_itself_is_entered_once() -> None:
    app = serving("/ws")
    app.mount("/again", app)
    assert websocket_routes(app) == ("/ws",)


def test_routes_of_litestar_are_found() -> None:
    @litestar.websocket("/ws")
    async def handler(socket: litestar.WebSocket[Any, Any, Any]) -> None: ...

    @litestar.websocket("/")
    async def root(socket: litestar.WebSocket[Any, Any, Any]) -> None: ...

    mount: Any = litestar.asgi("/mounted", is_mount=True, copy_scope=True)
    app = litestar.Litestar([handler, root, mount(opaque), litestar.Router("/r", route_handlers=[handler])])
    assert set(websocket_routes(app)) == {"/ws", "/", "/mounted/{path:path}", "/r/ws"}
