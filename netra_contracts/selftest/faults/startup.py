"""Faults of the startup."""

from __future__ import annotations

from netra_contracts.selftest.faults.model import SeededFault, fault

_BRIDGES = "websocket_bridge_factory"
_ENGINES = "execution_engine_factory"
_SET_BRIDGE = "            state.websocket_bridge_factory = WebSocketBridgeFactory(state.websocket_connection_pool)\n"
_SET_SUPERVISOR = (
    "            state.supervisor_factory = SupervisorFactory("
    "state.websocket_bridge_factory, state.execution_engine_factory)\n"
)
_COMPLETE = "            state.startup_complete = True\n"
_REGISTER = "            state.agent_registry.register(DEFAULT_AGENT, ScriptedAgent)\n"

STARTUP: tuple[SeededFault, ...] = (
    fault(
        "bridge-none",
        "The bridge factory is None",
        "NC202",
        _BRIDGES,
        ("startup", _SET_BRIDGE, "            state.websocket_bridge_factory = None\n"),
    ),
    fault(
        "bridge-after-engine-factory",
        "The bridge factory is set after the engine factory was built without it",
        "NC301",
        _BRIDGES,
        ("startup", _SET_BRIDGE, ""),
        (
            "startup",
            "                websocket_bridge=state.websocket_bridge_factory,\n",
            "                websocket_bridge=WebSocketBridgeFactory(state.websocket_connection_pool),\n",
        ),
        ("startup", _SET_SUPERVISOR, _SET_BRIDGE + _SET_SUPERVISOR),
    ),
    fault(
        "engine-factory-stale-bridge",
        "The bridge factory is made anew after the engine factory got it",
        "NC304",
        _ENGINES,
        ("startup", _SET_SUPERVISOR, _SET_BRIDGE + _SET_SUPERVISOR),
    ),
    fault(
        "supervisor-with-other-bridge",
        "The supervisor factory gets a bridge factory that is not the state's",
        "NC303",
        "supervisor_factory",
        (
            "startup",
            "SupervisorFactory(state.websocket_bridge_factory,",
            "SupervisorFactory(WebSocketBridgeFactory(state.websocket_connection_pool),",
        ),
    ),
    fault(
        "engine-factory-empty-registry",
        "The engine factory gets a registry that nobody filled",
        "NC303",
        _ENGINES,
        ("startup", "agent_registry=state.agent_registry,", "agent_registry=AgentRegistry(),"),
    ),
    fault(
        "bridge-lost",
        "The bridge factory is set to None at the end of startup",
        "NC305",
        _BRIDGES,
        ("startup", _COMPLETE, _COMPLETE + "            state.websocket_bridge_factory = None\n"),
    ),
    fault(
        "bridge-deleted",
        "The bridge factory is deleted at the end of startup",
        "NC305",
        _BRIDGES,
        ("startup", _COMPLETE, _COMPLETE + "            del state.websocket_bridge_factory\n"),
    ),
    fault(
        "pool-not-in-state",
        "The connection pool is made, but not put into the state",
        "NC201",
        "websocket_connection_pool",
        (
            "startup",
            "            state.websocket_connection_pool = WebSocketConnectionPool()\n",
            "            pool = WebSocketConnectionPool()\n",
        ),
        ("startup", "WebSocketBridgeFactory(state.websocket_connection_pool)", "WebSocketBridgeFactory(pool)"),
    ),
    fault(
        "pool-misspelt",
        "The connection pool is put into the state under a misspelt name",
        "NC306",
        "websocket_connection_pool",
        ("startup", "state.websocket_connection_pool = ", "state.websocket_conection_pool = "),
    ),
    fault(
        "verifier-of-wrong-type",
        "The token verifier is the function that issues tokens",
        "NC203",
        "token_verifier",
        ("startup", "state.token_verifier = TokenVerifier()", "state.token_verifier = TokenVerifier().issue"),
    ),
    fault(
        "registry-without-create",
        "The agent registry's method is called otherwise",
        "NC205",
        "agent_registry",
        (
            "agents",
            "    def create(self, name: str, emitter",
            "    def make(self, name: str, emitter",
        ),
    ),
    fault(
        "cleanup-needs-more",
        "The clean-up of engines needs an argument that nobody gives",
        "NC206",
        _ENGINES,
        (
            "engine",
            "    async def cleanup_engine(self, engine: UserExecutionEngine) -> None:",
            "    async def cleanup_engine(self, engine: UserExecutionEngine, reason: str) -> None:",
        ),
    ),
    fault(
        "registry-is-a-mock",
        "A test double of the agent registry was left in",
        "NC207",
        "agent_registry",
        (
            "startup",
            "            state.agent_registry = AgentRegistry()\n" + _REGISTER,
            """            from unittest.mock import MagicMock
            state.agent_registry = MagicMock(spec=AgentRegistry)
""",
        ),
    ),
    fault(
        "never-complete",
        "The startup never says that it is complete",
        "NC203",
        "startup_complete",
        ("startup", _COMPLETE, "            state.startup_complete = False\n"),
    ),
    fault(
        "rehearsal-raises",
        "The last step of the startup raises",
        "NC108",
        "",
        (
            "startup",
            "            await rehearse(state.supervisor_factory)\n",
            '            raise RuntimeError("the rehearsal failed")\n',
        ),
    ),
    fault(
        "swallowed-exception",
        "The engine factory refuses to be built, and the startup goes on",
        "NC201",
        _ENGINES,
        (
            "startup",
            """            state.execution_engine_factory = await configure_execution_engine_factory(
                websocket_bridge=state.websocket_bridge_factory,
                agent_registry=state.agent_registry,
                database=state.database,
            )
            shutdown.push_async_callback(state.execution_engine_factory.close)
            await shutdown.enter_async_context(idle_cleanup(state.execution_engine_factory))
""",
            """            with suppress(Exception):
                state.execution_engine_factory = await configure_execution_engine_factory(
                    websocket_bridge=None, agent_registry=state.agent_registry, database=state.database
                )
""",
        ),
        (
            "startup",
            "SupervisorFactory(state.websocket_bridge_factory, state.execution_engine_factory)",
            'SupervisorFactory(state.websocket_bridge_factory, getattr(state, "execution_engine_factory", None))',
        ),
        ("startup", "            await rehearse(state.supervisor_factory)\n", ""),
    ),
    fault(
        "background-task-dies",
        "A background task whose handle was dropped raises",
        "NC601",
        "",
        (
            "startup",
            _SET_SUPERVISOR,
            _SET_SUPERVISOR + "            asyncio.create_task(state.database.execute('nonsense', ()))\n",
        ),
    ),
    fault(
        "startup-waits-for-ever",
        "The startup waits for an event that nobody sets",
        "NC106",
        "",
        ("startup", _COMPLETE, "            await asyncio.Event().wait()\n"),
        startup_timeout_s=1.0,
    ),
    fault(
        "startup-blocks",
        "The startup blocks the event loop",
        "NC106",
        "",
        ("startup", _COMPLETE, "            __import__('time').sleep(60)\n"),
        startup_timeout_s=1.0,
    ),
    fault(
        "startup-exits",
        "The startup ends the process with status 0",
        "NC105",
        "",
        ("startup", _COMPLETE, "            raise SystemExit(0)\n"),
    ),
    fault(
        "process-dies",
        "The startup kills the process",
        "NC107",
        "",
        ("startup", _COMPLETE, "            __import__('os').kill(__import__('os').getpid(), 9)\n"),
    ),
    fault(
        "import-raises",
        "A module of the application raises when it is imported",
        "NC103",
        "",
        ("agents", "class AgentRegistry:", 'raise RuntimeError("no agents here")\n\n\nclass AgentRegistry:'),
    ),
    fault(
        "factory-raises",
        "The factory of the application raises",
        "NC104",
        "",
        ("app", "    return Starlette(\n", '    raise RuntimeError("not today")\n    return Starlette(\n'),
    ),
    fault(
        "shutdown-raises",
        "The shutdown raises",
        "NC110",
        "",
        (
            "startup",
            "        state.startup_complete = False\n",
            '        raise RuntimeError("the shutdown failed")\n',
        ),
    ),
    fault(
        "task-left-running",
        "The shutdown does not end the background task",
        "NC602",
        "",
        (
            "startup",
            "        task.cancel()\n        with suppress(asyncio.CancelledError):\n            await task\n",
            "        pass\n",
        ),
        subjects=("task",),
    ),
    fault(
        "thread-left-running",
        "The shutdown does not end a thread",
        "NC602",
        "",
        (
            "startup",
            _COMPLETE,
            _COMPLETE
            + "            __import__('threading').Thread(target=__import__('time').sleep, args=(60,)).start()\n",
        ),
        subjects=("thread",),
    ),
    fault(
        "never-ready",
        "The readiness route never answers 200",
        "NC507",
        "",
        ("app", "status_code=503 if missing else 200)", "status_code=503)"),
        subjects=("/ready",),
    ),
    fault(
        "messages-not-stored",
        "Users' messages are not stored",
        "NC507",
        "",
        ("database", '"INSERT INTO messages (user_id, content) VALUES (?, ?)"', '"SELECT ?, ?"'),
        subjects=("netra_contracts.reference.checks:database_answers",),
    ),
)
