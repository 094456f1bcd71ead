"""The contracts of `pyproject.toml`, declared in Python."""

from adr001.bridge import AgentWebSocketBridge
from adr001.engine import ExecutionEngineFactory
from adr001.ws import WebSocketConnectionPool
from netra_contracts.declare import AppStateContract, Phase

CONTRACTS = [
    AppStateContract(
        "websocket_connection_pool",
        WebSocketConnectionPool,
        phase=Phase.INITIALIZATION,
        methods=["add_connection", "remove_connection(user_id)", "get_connections"],
    ),
    AppStateContract(
        "agent_websocket_bridge",
        AgentWebSocketBridge,
        phase=Phase.CONFIGURATION,
        requires=["websocket_connection_pool"],
        wires={"_connection_pool": "websocket_connection_pool"},
        async_methods=["emit_event(event, data)"],
        impact="Users stop seeing the agent's reasoning in real time",
    ),
    AppStateContract(
        "execution_engine_factory",
        "adr001.engine:ExecutionEngineFactory",
        phase="integration",
        requires=["agent_websocket_bridge"],
        wires={"_websocket_bridge": "agent_websocket_bridge"},
    ),
    AppStateContract("max_users", int, ge=1, le=1000),
]

__all__ = ["CONTRACTS", "ExecutionEngineFactory"]
