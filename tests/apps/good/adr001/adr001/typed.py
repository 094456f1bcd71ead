"""The contracts of `pyproject.toml`, as the class that types the state."""

from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field

from adr001.bridge import AgentWebSocketBridge
from adr001.engine import ExecutionEngineFactory
from adr001.ws import WebSocketConnectionPool
from netra_contracts.declare import Contract, Phase


class AppState(Protocol):
    max_users: Annotated[int, Contract(ge=1, le=1000)]
    websocket_connection_pool: Annotated[
        WebSocketConnectionPool,
        Contract(phase=Phase.INITIALIZATION, methods=["add_connection", "remove_connection(user_id)"]),
    ]
    agent_websocket_bridge: Annotated[
        AgentWebSocketBridge,
        Contract(
            phase=Phase.CONFIGURATION,
            requires=["websocket_connection_pool"],
            wires={"_connection_pool": "websocket_connection_pool"},
            async_methods=["emit_event(event, data)"],
        ),
    ]
    execution_engine_factory: Annotated[
        ExecutionEngineFactory,
        Contract(phase=Phase.INTEGRATION, wires={"_websocket_bridge": "agent_websocket_bridge"}),
    ]


class ModelState(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    max_users: int = Field(ge=1, le=1000)
    websocket_connection_pool: Annotated[WebSocketConnectionPool, Contract(phase=Phase.INITIALIZATION)]
    agent_websocket_bridge: AgentWebSocketBridge
    execution_engine_factory: ExecutionEngineFactory
