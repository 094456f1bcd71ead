"""Faults of startup and shutdown."""

from __future__ import annotations

from netra_contracts.selftest.faults.model import SeededFault, make_fault

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
    make_fault(
        "bridge-none",
        "The bridge factory is None",
        "NC202",
        _BRIDGES,
        ("startup", _SET_BRIDGE, "            state.websocket_bridge_factory = None\n"),
    ),
    make_fault(
        "configuration-not-marked",
        "The configuration phase is not marked",
        "NC803",
        "",
        (
            "startup",
            "async with startup_phase(app, Phase.CONFIGURATION):",
            "async with AsyncExitStack():",
        ),
    ),
    make_fault(
        "bridge-after-engine-factory",
        "The bridge factory is set after the engine factory was created without it",
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
    make_fault(
        "engine-factory-stale-bridge",
        "The bridge factory is replaced after the engine factory received it",
        "NC304",
        _ENGINES,
        ("startup", _SET_SUPERVISOR, _SET_BRIDGE + _SET_SUPERVISOR),
    ),
    make_fault(
        "supervisor-with-other-bridge",
        "The supervisor factory receives a bridge factory other than the one in the state",
        "NC303",
        "supervisor_factory",
        (
            "startup",
            "SupervisorFactory(state.websocket_bridge_factory,",
            "SupervisorFactory(WebSocketBridgeFactory(state.websocket_connection_pool),",
        ),
    ),
    make_fault(
        "engine-factory-empty-registry",
        "The engine factory receives an empty registry",
        "NC303",
        _ENGINES,
        ("startup", "agent_registry=state.agent_registry,", "agent_registry=AgentRegistry(),"),
    ),
    make_fault(
        "bridge-lost",
        "The bridge factory is set to None at the end of startup",
        "NC305",
        _BRIDGES,
        ("startup", _COMPLETE, _COMPLETE + "            state.websocket_bridge_factory = None\n"),
    ),
    make_fault(
        "bridge-deleted",
        "The bridge factory is deleted at the end of startup",
        "NC305",
        _BRIDGES,
        ("startup", _COMPLETE, _COMPLETE + "            del state.websocket_bridge_factory\n"),
    ),
    make_fault(
        "pool-not-in-state",
        "The connection pool is created but not stored in the state",
        "NC201",
        "websocket_connection_pool",
        (
            "startup",
            "            state.websocket_connection_pool = WebSocketConnectionPool()\n",
            "            pool = WebSocketConnectionPool()\n",
        ),
        ("startup", "WebSocketBridgeFactory(state.websocket_connection_pool)", "WebSocketBridgeFactory(pool)"),
    ),
    make_fault(
        "pool-misspelt",
        "The connection pool is stored in the state under a misspelt name",
        "NC306",
        "websocket_connection_pool",
        ("startup", "state.websocket_connection_pool = ", "state.websocket_conection_pool = "),
    ),
    make_fault(
        "verifier-of-wrong-type",
        "The token verifier is the function that issues tokens",
        "NC203",
        "token_verifier",
        ("startup", "state.token_verifier = TokenVerifier()", "state.token_verifier = TokenVerifier().issue"),
    ),
    make_fault(
        "registry-without-create",
        "A method of the agent registry has another name",
        "NC205",
        "agent_registry",
        (
            "agents",
            "    def create(self, name: str, emitter",
            "    def make(self, name: str, emitter",
        ),
    ),
    make_fault(
        "cleanup-needs-more",
        "The method that releases engines requires an argument that callers do not pass",
        "NC206",
        _ENGINES,
        (
            "engine",
            "    async def cleanup_engine(self, engine: UserExecutionEngine) -> None:",
            "    async def cleanup_engine(self, engine: UserExecutionEngine, reason: str) -> None:",
        ),
    ),
    make_fault(
        "registry-is-a-mock",
        "The agent registry is a test double",
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
    make_fault(
        "never-complete",
        "The startup never sets its completion flag",
        "NC203",
        "startup_complete",
        ("startup", _COMPLETE, "            state.startup_complete = False\n"),
    ),
    make_fault(
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
    make_fault(
        "swallowed-exception",
        "The constructor of the engine factory raises, and the startup ignores it",
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
    make_fault(
        "background-task-dies",
        "A background task without a reference raises",
        "NC601",
        "",
        (
            "startup",
            _SET_SUPERVISOR,
            _SET_SUPERVISOR + "            asyncio.create_task(state.database.execute('nonsense', ()))\n",
        ),
    ),
    make_fault(
        "startup-waits-for-ever",
        "The startup waits for an event that is never set",
        "NC106",
        "",
        ("startup", _COMPLETE, "            await asyncio.Event().wait()\n"),
        startup_timeout_s=1.0,
    ),
    make_fault(
        "startup-blocks",
        "The startup blocks the event loop",
        "NC106",
        "",
        ("startup", _COMPLETE, "            __import__('time').sleep(60)\n"),
        startup_timeout_s=1.0,
    ),
    make_fault(
        "startup-exits",
        "The startup ends the process with status 0",
        "NC105",
        "",
        ("startup", _COMPLETE, "            raise SystemExit(0)\n"),
    ),
    make_fault(
        "process-dies",
        "The startup kills the process",
        "NC107",
        "",
        ("startup", _COMPLETE, "            __import__('os').kill(__import__('os').getpid(), 9)\n"),
    ),
    make_fault(
        "import-raises",
        "A module of the application raises at import",
        "NC103",
        "",
        ("agents", "class AgentRegistry:", 'raise RuntimeError("no agents here")\n\n\nclass AgentRegistry:'),
    ),
    make_fault(
        "factory-raises",
        "The application factory raises",
        "NC104",
        "",
        ("app", "    return Starlette(\n", '    raise RuntimeError("not today")\n    return Starlette(\n'),
    ),
    make_fault(
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
    make_fault(
        "task-left-running",
        "The shutdown does not cancel the background task",
        "NC602",
        "",
        (
            "startup",
            "        task.cancel()\n        with suppress(asyncio.CancelledError):\n            await task\n",
            "        pass\n",
        ),
        subjects=("task netra_contracts.reference.startup:idle_cleanup.<locals>.clean_up",),
    ),
    make_fault(
        "thread-left-running",
        "The shutdown does not stop a thread",
        "NC602",
        "",
        (
            "startup",
            _COMPLETE,
            _COMPLETE
            + "            __import__('threading').Thread(target=__import__('time').sleep, args=(60,)).start()\n",
        ),
        subjects=("thread time:sleep from startup.lifespan",),
    ),
    make_fault(
        "task-unreferenced",
        "The reference to a task is dropped, and nothing else refers to what it waits for",
        "NC603",
        "",
        ("startup", _COMPLETE, _COMPLETE + "            asyncio.create_task(asyncio.Event().wait())\n"),
        subjects=("task locks.Event.wait",),
    ),
    make_fault(
        "startup-blocks-briefly",
        "The startup blocks the event loop for 1 s",
        "NC604",
        "",
        ("startup", _COMPLETE, _COMPLETE + "            __import__('time').sleep(1)\n"),
        subjects=("startup.lifespan",),
        blocking_threshold=700,
    ),
    make_fault(
        "logging-silenced",
        "The startup disables logging",
        "NC605",
        "",
        ("startup", _COMPLETE, _COMPLETE + "            __import__('logging').disable()\n"),
        subjects=("level startup.lifespan",),
    ),
    make_fault(
        "environment-file-late",
        "The startup loads variables that a module has read at import",
        "NC122",
        "",
        (
            "agents",
            "class AgentRegistry:",
            "MODEL = __import__('os').environ.get('AGENT_MODEL')\n\n\nclass AgentRegistry:",
        ),
        (
            "startup",
            _COMPLETE,
            _COMPLETE
            + "            for line in __import__('io').StringIO('AGENT_MODEL=small').readlines():\n"
            + "                __import__('os').environ.__setitem__(*line.split('='))\n",
        ),
        subjects=("agents.<module>",),
    ),
    make_fault(
        "never-ready",
        "The readiness route never answers 200",
        "NC507",
        "",
        ("app", "status_code=503 if missing else 200)", "status_code=503)"),
        subjects=("/ready not 200",),
    ),
    make_fault(
        "messages-not-stored",
        "Messages of users are not stored",
        "NC507",
        "",
        ("database", '"INSERT INTO messages (user_id, content) VALUES (?, ?)"', '"SELECT ?, ?"'),
        subjects=("netra_contracts.reference.checks:database_answers",),
    ),
)
