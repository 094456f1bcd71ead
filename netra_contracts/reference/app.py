"""The application: routes for liveness and readiness, and the WebSocket."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute

from netra_contracts.reference.chat import chat
from netra_contracts.reference.startup import lifespan, missing_components


async def health(request: Request) -> JSONResponse:
    """Liveness: the process answers. Checks no component: a broken one must not restart a live process."""
    return JSONResponse({"status": "alive"})


async def ready(request: Request) -> JSONResponse:
    """Readiness: 200 if startup has ended and every component is set, otherwise 503 with the missing ones."""
    missing = missing_components(request.app.state)
    return JSONResponse({"ready": not missing, "missing": missing}, status_code=503 if missing else 200)


def create_app() -> Starlette:
    """Return a new application. Nothing is built before its startup."""
    return Starlette(
        routes=[Route("/health", health), Route("/ready", ready), WebSocketRoute("/ws", chat)], lifespan=lifespan
    )
