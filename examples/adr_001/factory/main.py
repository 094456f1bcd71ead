"""The application: startup configures the one factory, which is in its state and which the function returns."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, WebSocket

from factory.agents import (
    AgentWebSocketBridge,
    ConnectionPool,
    configure_agent_instance_factory,
    get_agent_instance_factory,
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.connection_pool = ConnectionPool()
    app.state.agent_websocket_bridge = AgentWebSocketBridge(app.state.connection_pool)
    app.state.agent_instance_factory = configure_agent_instance_factory(app.state.agent_websocket_bridge)
    yield


app = FastAPI(lifespan=lifespan)


@app.websocket("/ws/{user_id}")
async def chat(websocket: WebSocket, user_id: str) -> None:
    await websocket.accept()
    app.state.connection_pool.add(user_id, websocket)
    agent = get_agent_instance_factory().create_for_user(user_id)
    async for message in websocket.iter_text():
        await agent.run(message)
