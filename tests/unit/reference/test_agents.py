"""The registry of agents."""

from __future__ import annotations

import pytest

from netra_contracts.reference.agents import AgentRegistry, ScriptedAgent
from netra_contracts.reference.pool import WebSocketConnectionPool
from netra_contracts.reference.tools import ToolDispatcher
from tests.unit.reference.connections import context, emitter_for


def test_registry_creates_a_new_agent_for_each_run() -> None:
    registry = AgentRegistry()
    registry.register("scripted", ScriptedAgent)
    emitter = emitter_for("ada", WebSocketConnectionPool())
    tools = ToolDispatcher(context("ada"), {}, emitter)
    assert registry.create("scripted", emitter, tools) is not registry.create("scripted", emitter, tools)


def test_registry_refuses_duplicate_and_unknown_names() -> None:
    registry = AgentRegistry()
    emitter = emitter_for("ada", WebSocketConnectionPool())
    tools = ToolDispatcher(context("ada"), {}, emitter)
    with pytest.raises(LookupError, match="'scripted'; the agents are: none"):
        registry.create("scripted", emitter, tools)
    registry.register("scripted", ScriptedAgent)
    with pytest.raises(ValueError, match="already"):
        registry.register("scripted", ScriptedAgent)
