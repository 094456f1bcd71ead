"""The application of `fastapi_chat` with one fault: the engine factory is built before the bridge it needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chat import AgentWebSocketBridge, ExecutionEngineFactory, WebSocketConnectionPool
from fastapi import FastAPI, WebSocket, WebSocketDisconnect


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.websocket_connection_pool = WebSocketConnectionPool()
    app.state.execution_engine_factory = ExecutionEngineFactory(getattr(app.state, "agent_websocket_bridge", None))
    app.state.agent_websocket_bridge = AgentWebSocketBridge(app.state.websocket_connection_pool)
    yield


app = FastAPI(lifespan=lifespan)


@app.websocket("/ws/{user_id}")
async def chat(websocket: WebSocket, user_id: str) -> None:
    await websocket.accept()
    pool = app.state.websocket_connection_pool
    pool.add_connection(user_id, websocket)
    try:
        while True:
            message = await websocket.receive_text()
            await app.state.execution_engine_factory.create_for_user(user_id).run(message)
    except WebSocketDisconnect:
        pool.remove_connection(user_id, websocket)
