"""Configures a factory that nobody asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shop.agents import AgentInstanceFactory, Bridge, Chat
from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Create the factory with its bridge."""
    app.state.agent_websocket_bridge = Bridge()
    app.state.agent_instance_factory = AgentInstanceFactory(app.state.agent_websocket_bridge)
    app.state.chat = Chat(app.state.agent_instance_factory)
    yield


app = Starlette(lifespan=lifespan)
