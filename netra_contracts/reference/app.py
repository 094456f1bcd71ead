"""The application: a health route, and a WebSocket that runs an agent for each message."""

from __future__ import annotations

import uuid

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from netra_contracts.reference.context import UserExecutionContext
from netra_contracts.reference.startup import lifespan


async def health(request: Request) -> JSONResponse:
    """Answers from the state: without the startup there is no 200."""
    state = request.app.state
    return JSONResponse(
        {"users": state.websocket_connection_pool.users, "engines": state.execution_engine_factory.active}
    )


async def chat(websocket: WebSocket) -> None:
    """One user's socket: each message is a run, told event by event."""
    state = websocket.app.state
    user_id = websocket.path_params["user_id"]
    await websocket.accept()
    state.websocket_connection_pool.add_connection(user_id, websocket)
    try:
        while True:
            message = await websocket.receive_text()
            context = UserExecutionContext(user_id, thread_id=uuid.uuid4().hex, run_id=uuid.uuid4().hex)
            await state.supervisor_factory.create_for_user(context).handle(message)
    except WebSocketDisconnect:
        pass
    finally:
        state.websocket_connection_pool.remove_connection(user_id, websocket)


def create_app() -> Starlette:
    """A new application. Nothing is built before its startup."""
    return Starlette(routes=[Route("/health", health), WebSocketRoute("/ws/{user_id}", chat)], lifespan=lifespan)
