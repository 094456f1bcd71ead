"""The contracts of the application's state and events."""

from __future__ import annotations

from typing import Literal

from netra_contracts.declare import AppStateContract, EventContract, Phase
from netra_contracts.reference.agents import AgentRegistry
from netra_contracts.reference.auth import TokenVerifier, token_for
from netra_contracts.reference.bridge import WebSocketBridgeFactory
from netra_contracts.reference.context import user_context
from netra_contracts.reference.database import Database
from netra_contracts.reference.engine import ExecutionEngineFactory
from netra_contracts.reference.pool import WebSocketConnectionPool
from netra_contracts.reference.supervisor import SupervisorFactory

__all__ = ["CONTRACTS", "token_for", "user_context"]

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
        "database",
        Database,
        phase=Phase.INITIALIZATION,
        methods=["session(context)", "execute(statement, parameters)", "close()"],
        async_methods=["execute", "close"],
        impact="Messages are not stored, and agents find none",
    ),
    AppStateContract(
        "token_verifier",
        TokenVerifier,
        phase=Phase.CONFIGURATION,
        methods=["verify(token)"],
        impact="No client can connect, or every client can",
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
        "agent_registry",
        AgentRegistry,
        phase=Phase.CONFIGURATION,
        methods=["create(name, emitter, tools)"],
        impact="No agent answers",
    ),
    AppStateContract(
        "execution_engine_factory",
        ExecutionEngineFactory,
        phase=Phase.INTEGRATION,
        methods=["create_for_user(context)", "user_execution_scope(context)", "cleanup_engine(engine)"],
        async_methods=["create_for_user", "cleanup_engine"],
        requires=["websocket_bridge_factory", "agent_registry", "database"],
        wires={
            "_websocket_bridge": "websocket_bridge_factory",
            "_agent_registry": "agent_registry",
            "_database": "database",
        },
        per_user={"create": "create_for_user", "context": user_context, "release": "cleanup_engine"},
        impact="Agents run, and their users see nothing",
    ),
    AppStateContract(
        "supervisor_factory",
        SupervisorFactory,
        phase=Phase.INTEGRATION,
        methods=["create_for_user(context)"],
        requires=["websocket_bridge_factory", "execution_engine_factory"],
        wires={
            "_websocket_bridge": "websocket_bridge_factory",
            "_execution_engine_factory": "execution_engine_factory",
        },
        impact="Messages are accepted and never answered",
    ),
    AppStateContract(
        "startup_complete",
        Literal[True],
        phase=Phase.READINESS,
        requires=["supervisor_factory"],
        impact="Load balancers send no traffic",
    ),
    EventContract(
        path="/ws",
        token=token_for,
        send={"type": "user_message", "content": "hello from {canary}"},
        expect=["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"],
        run_field="run_id",
        id_field="sequence",
        within_ms=1500,  # generous: a busy machine is not a fault of the application
        readiness="/ready",
        slow_reader=True,
        reconnect=True,
        expiry=True,
        burst=50,
        impact="Users do not see what their agents do, or see events of other users",
    ),
]
