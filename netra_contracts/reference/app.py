"""The application: liveness, readiness, and the WebSocket."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute

from netra_contracts.reference.chat import chat
from netra_contracts.reference.startup import lifespan, missing_components


async def health(request: Request) -> JSONResponse:
    """Liveness: the process answers. Asks for nothing, so that a broken component does not restart a live process."""
    return JSONResponse({"status": "alive"})


async def ready(request: Request) -> JSONResponse:
    """Readiness: 200 when startup has ended and all it builds is there, else 503 with what is missing."""
    missing = missing_components(request.app.state)
    return JSONResponse({"ready": not missing, "missing": missing}, status_code=503 if missing else 200)


def create_app() -> Starlette:
    """A new application. Nothing is built before its startup."""
    return Starlette(
        routes=[Route("/health", health), Route("/ready", ready), WebSocketRoute("/ws", chat)], lifespan=lifespan
    )
