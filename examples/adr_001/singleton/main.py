"""The application: its state is empty, and its services are objects of a module."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, WebSocket

from singleton import agents


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    agents.start_agents()
    yield


app = FastAPI(lifespan=lifespan)


@app.websocket("/ws/{user_id}")
async def chat(websocket: WebSocket, user_id: str) -> None:
    await websocket.accept()
    agents.bridge.connect(user_id, websocket)
    async for message in websocket.iter_text():
        await agents.AgentRegistry.instance.agent_for(user_id).run(user_id, message)
