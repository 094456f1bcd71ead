"""The same five messages as the reference sends, from an endpoint that does nothing else."""

import uuid

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

EVENTS = ("agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed")


async def chat(websocket: WebSocket) -> None:
    await websocket.accept()
    ids = {name: uuid.uuid4().hex for name in ("thread_id", "run_id", "request_id")}
    try:
        while True:
            data = {"text": await websocket.receive_text()}
            for sequence, event in enumerate(EVENTS, 1):
                user = {"type": event, "user_id": websocket.query_params["user"]}
                await websocket.send_json({**user, **ids, "sequence": sequence, "data": data})
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[WebSocketRoute("/ws", chat)])
