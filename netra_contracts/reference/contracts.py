"""What must hold of the application's state, beside the code that makes it hold."""

from __future__ import annotations

from netra_contracts.declare import AppStateContract, Phase
from netra_contracts.reference.bridge import WebSocketBridgeFactory
from netra_contracts.reference.engine import ExecutionEngineFactory
from netra_contracts.reference.pool import WebSocketConnectionPool
from netra_contracts.reference.supervisor import SupervisorFactory

CONTRACTS = [
    AppStateContract(
        "websocket_connection_pool",
        WebSocketConnectionPool,
        phase=Phase.INITIALIZATION,
        methods=[
            "add_connection(user_id, connection)",
            "remove_connection(user_id, connection)",
            "get_connections(user_id)",
        ],
        impact="No user can be reached",
    ),
    AppStateContract(
        "websocket_bridge_factory",
        WebSocketBridgeFactory,
        phase=Phase.CONFIGURATION,
        methods=["create_for_user(context)"],
        requires=["websocket_connection_pool"],
        wires={"_connection_pool": "websocket_connection_pool"},
        impact="Users stop seeing the agent's reasoning in real time",
    ),
    AppStateContract(
        "execution_engine_factory",
        ExecutionEngineFactory,
        phase=Phase.INTEGRATION,
        methods=["create_for_user(context)", "cleanup_engine(engine)"],
        requires=["websocket_bridge_factory"],
        wires={"_websocket_bridge_factory": "websocket_bridge_factory"},
        impact="Agents run, and their users see nothing",
    ),
    AppStateContract(
        "supervisor_factory",
        SupervisorFactory,
        phase=Phase.INTEGRATION,
        methods=["create_for_user(context)"],
        requires=["execution_engine_factory"],
        wires={"_execution_engine_factory": "execution_engine_factory"},
        impact="Messages are accepted and never answered",
    ),
]
