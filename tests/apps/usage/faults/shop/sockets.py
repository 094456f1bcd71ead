"""Handlers of WebSocket connections."""

from __future__ import annotations

from fastapi import APIRouter, WebSocket

router = APIRouter()


@router.websocket("/ws")
async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    websocket.app.state.hub.join(websocket)  # never set: in a WebSocket handler
    async for event in websocket.app.state.bus.events("ws"):
        await websocket.send_text(event)
    async for event in websocket.app.state.pool:  # wrong: it cannot be iterated
        await websocket.send_text(event)
