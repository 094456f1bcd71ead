"""Nothing is wrong: the application of ADR-001, started in the order its contracts ask for."""

from contextlib import asynccontextmanager

from fastapi import FastAPI

from adr001.bridge import AgentWebSocketBridge
from adr001.engine import ExecutionEngineFactory
from adr001.ws import WebSocketConnectionPool


@asynccontextmanager
async def lifespan(app):
    state = app.state
    state.max_users = 100
    state.websocket_connection_pool = WebSocketConnectionPool()
    state.agent_websocket_bridge = AgentWebSocketBridge(state.websocket_connection_pool)
    state.execution_engine_factory = ExecutionEngineFactory(state.agent_websocket_bridge)
    yield


def create_app():
    return FastAPI(lifespan=lifespan)
