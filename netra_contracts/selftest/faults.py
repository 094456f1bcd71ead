"""The seeded faults: small changes to the reference's source, each with what the tool has to say of it.

Standard library only: the target's process reads this too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

#: What has to be switched on for a fault to show.
Switch = Literal["slow_reader", "reconnect", "expiry", "burst"]

_ENGINES = "execution_engine_factory"
_BRIDGES = "websocket_bridge_factory"


@dataclass(frozen=True)
class Edit:
    """A replacement in one module of the reference; `old` is there exactly once."""

    module: str
    old: str
    new: str


@dataclass(frozen=True)
class Fault:
    """One way to break the reference.

    Attributes:
        name: what it is called.
        what: the change in words.
        code: of the one finding that is a root cause.
        component: of that finding; empty where none is at fault.
        subjects: what else the root findings are about, e.g. an event; empty: whatever it is.
        edits: the change.
        switches: what has to be switched on.
        startup_timeout_s: deadline for a startup that hangs.
        deadline_s: how long clients wait for the end of a run.
    """

    name: str
    what: str
    code: str
    component: str
    edits: tuple[Edit, ...]
    subjects: tuple[str, ...] = ()
    switches: tuple[Switch, ...] = ()
    startup_timeout_s: float = 10.0
    deadline_s: float = 3.0

    @property
    def expected(self) -> str:
        """Code and what it is about, in words."""
        return " ".join([self.code, self.component or told(self.subjects)]).strip()


def told(subjects: Iterable[str]) -> str:
    """Subjects of findings within a line: the parts of one are events, or a module and a function."""
    return ", ".join(subject.rpartition(".")[2].replace(":", " ") for subject in subjects)


def _fault(
    name: str,
    what: str,
    code: str,
    component: str,
    *edits: tuple[str, str, str],
    subjects: tuple[str, ...] = (),
    switches: tuple[Switch, ...] = (),
    startup_timeout_s: float = 10.0,
    deadline_s: float = 3.0,
) -> Fault:
    made = tuple(Edit(*edit) for edit in edits)
    return Fault(name, what, code, component, made, subjects, switches, startup_timeout_s, deadline_s)


_SET_BRIDGE = "            state.websocket_bridge_factory = WebSocketBridgeFactory(state.websocket_connection_pool)\n"
_SET_SUPERVISOR = (
    "            state.supervisor_factory = SupervisorFactory("
    "state.websocket_bridge_factory, state.execution_engine_factory)\n"
)
_COMPLETE = "            state.startup_complete = True\n"
_REGISTER = "            state.agent_registry.register(DEFAULT_AGENT, ScriptedAgent)\n"
_MAKE_ENGINE = (
    "        engine = UserExecutionEngine("
    "context, agent_name=agent_name, agent=agent, emitter=emitter, session=session)\n"
)
_HISTORY = "        self._history: deque[str] = deque(maxlen=history_size)\n"

_STARTUP = (
    _fault(
        "bridge-none",
        "The bridge factory is None",
        "NC202",
        _BRIDGES,
        ("startup", _SET_BRIDGE, "            state.websocket_bridge_factory = None\n"),
    ),
    _fault(
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
    _fault(
        "engine-factory-stale-bridge",
        "The bridge factory is made anew after the engine factory got it",
        "NC304",
        _ENGINES,
        ("startup", _SET_SUPERVISOR, _SET_BRIDGE + _SET_SUPERVISOR),
    ),
    _fault(
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
    _fault(
        "engine-factory-empty-registry",
        "The engine factory gets a registry that nobody filled",
        "NC303",
        _ENGINES,
        ("startup", "agent_registry=state.agent_registry,", "agent_registry=AgentRegistry(),"),
    ),
    _fault(
        "bridge-lost",
        "The bridge factory is set to None at the end of startup",
        "NC305",
        _BRIDGES,
        ("startup", _COMPLETE, _COMPLETE + "            state.websocket_bridge_factory = None\n"),
    ),
    _fault(
        "bridge-deleted",
        "The bridge factory is deleted at the end of startup",
        "NC305",
        _BRIDGES,
        ("startup", _COMPLETE, _COMPLETE + "            del state.websocket_bridge_factory\n"),
    ),
    _fault(
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
    _fault(
        "pool-misspelt",
        "The connection pool is put into the state under a misspelt name",
        "NC306",
        "websocket_connection_pool",
        ("startup", "state.websocket_connection_pool = ", "state.websocket_conection_pool = "),
    ),
    _fault(
        "verifier-of-wrong-type",
        "The token verifier is the function that issues tokens",
        "NC203",
        "token_verifier",
        ("startup", "state.token_verifier = TokenVerifier()", "state.token_verifier = TokenVerifier().issue"),
    ),
    _fault(
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
    _fault(
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
    _fault(
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
    _fault(
        "never-complete",
        "The startup never says that it is complete",
        "NC203",
        "startup_complete",
        ("startup", _COMPLETE, "            state.startup_complete = False\n"),
    ),
    _fault(
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
    _fault(
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
    _fault(
        "background-task-dies",
        "A background task whose handle was dropped raises",
        "NC601",
        "",
        (
            "startup",
            _SET_SUPERVISOR,
            _SET_SUPERVISOR + "            asyncio.create_task(state.database.execute('SELECT * FROM nowhere', ()))\n",
        ),
    ),
    _fault(
        "startup-waits-for-ever",
        "The startup waits for an event that nobody sets",
        "NC106",
        "",
        ("startup", _COMPLETE, "            await asyncio.Event().wait()\n"),
        startup_timeout_s=1.0,
    ),
    _fault(
        "startup-blocks",
        "The startup blocks the event loop",
        "NC106",
        "",
        ("startup", _COMPLETE, "            __import__('time').sleep(60)\n"),
        startup_timeout_s=1.0,
    ),
    _fault(
        "startup-exits",
        "The startup ends the process with status 0",
        "NC105",
        "",
        ("startup", _COMPLETE, "            raise SystemExit(0)\n"),
    ),
    _fault(
        "process-dies",
        "The startup kills the process",
        "NC107",
        "",
        ("startup", _COMPLETE, "            __import__('os').kill(__import__('os').getpid(), 9)\n"),
    ),
    _fault(
        "import-raises",
        "A module of the application raises when it is imported",
        "NC103",
        "",
        ("agents", "class AgentRegistry:", 'raise RuntimeError("no agents here")\n\n\nclass AgentRegistry:'),
    ),
    _fault(
        "factory-raises",
        "The factory of the application raises",
        "NC104",
        "",
        ("app", "    return Starlette(\n", '    raise RuntimeError("not today")\n    return Starlette(\n'),
    ),
    _fault(
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
    _fault(
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
    _fault(
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
    _fault(
        "never-ready",
        "The readiness route never answers 200",
        "NC507",
        "",
        ("app", "status_code=503 if missing else 200)", "status_code=503)"),
        subjects=("/ready",),
    ),
    _fault(
        "messages-not-stored",
        "Users' messages are not stored",
        "NC507",
        "",
        ("database", '"INSERT INTO messages (user_id, content) VALUES (?, ?)"', '"SELECT ?, ?"'),
        subjects=("netra_contracts.reference.checks:database_answers",),
    ),
)

_ISOLATION = (
    _fault(
        "one-engine-for-all",
        "The engine factory gives all users the engine it made first",
        "NC401",
        _ENGINES,
        (
            "engine",
            _MAKE_ENGINE,
            '        if context.user_id not in ("startup", "check") and hasattr(self, "_one"):\n'
            "            return self._one\n" + _MAKE_ENGINE + "        self._one = engine\n",
        ),
    ),
    _fault(
        "singleton-bridge",
        "One bridge for all users",
        "NC402",
        _ENGINES,
        (
            "bridge",
            "        return AgentWebSocketBridge(context, self._connection_pool)\n",
            '        if not hasattr(self, "_bridge"):\n'
            "            self._bridge = AgentWebSocketBridge(context, self._connection_pool)\n"
            "        return self._bridge\n",
        ),
    ),
    _fault(
        "shared-list-in-emitter",
        "All emitters write into one list of the module",
        "NC402",
        _ENGINES,
        ("emitter", _HISTORY, "        self._history = ALL_EVENTS\n"),
        ("emitter", "HISTORY_SIZE = 100\n", "HISTORY_SIZE = 100\nALL_EVENTS: deque[str] = deque()\n"),
    ),
    _fault(
        "mutable-default-argument",
        "The emitter's history is a mutable default argument",
        "NC402",
        _ENGINES,
        ("emitter", "history_size: int = HISTORY_SIZE) -> None:", "history: list[str] = []) -> None:"),
        ("emitter", _HISTORY, "        self._history = history\n"),
    ),
    _fault(
        "mutable-class-attribute",
        "The emitter's history is an attribute of its class",
        "NC402",
        _ENGINES,
        ("emitter", _HISTORY, ""),
        (
            "emitter",
            "    def __init__(self, bridge: AgentWebSocketBridge, history",
            "    _history: list[str] = []\n\n    def __init__(self, bridge: AgentWebSocketBridge, history",
        ),
    ),
    _fault(
        "one-session-for-all",
        "One database session for all users",
        "NC402",
        _ENGINES,
        (
            "database",
            "        return UserSession(context, self)\n",
            '        if not hasattr(self, "_session"):\n'
            "            self._session = UserSession(context, self)\n"
            "        self._session._closed = False\n"
            "        return self._session\n",
        ),
    ),
    _fault(
        "one-agent-for-all",
        "The registry gives all runs the agent it made first",
        "NC402",
        _ENGINES,
        (
            "agents",
            "        return self._factories[name](emitter, tools)\n",
            '        if not hasattr(self, "_agent"):\n'
            "            self._agent = self._factories[name](emitter, tools)\n"
            "        return self._agent\n",
        ),
    ),
    _fault(
        "tools-shared-by-all",
        "All tool dispatchers work on one mapping of tools",
        "NC402",
        _ENGINES,
        (
            "tools",
            "        self._tools = dict(tools)\n",
            "        SHARED.update(tools)\n        self._tools = SHARED\n",
        ),
        (
            "tools",
            "class UnknownToolError(LookupError):",
            "SHARED: dict[str, Tool] = {}\n\n\nclass UnknownToolError(LookupError):",
        ),
    ),
    _fault(
        "session-of-another-user",
        "The session is opened with the context of the user before",
        "NC403",
        _ENGINES,
        (
            "engine",
            "        session = self._database.session(context)\n",
            '        session = self._database.session(getattr(self, "_last_context", context))\n'
            "        self._last_context = context\n",
        ),
    ),
    _fault(
        "identity-in-state",
        "The socket's handler writes the user's id into the application's state, and reads it back later",
        "NC403",
        "current_user",
        (
            "chat",
            "        self._thread_id = fresh_id()\n",
            "        self._thread_id = fresh_id()\n"
            "        self._state = state\n"
            "        self._state.current_user = identity.user_id\n",
        ),
        (
            "chat",
            "        context = user_context(self._identity.user_id, self._thread_id)\n",
            "        context = user_context(self._state.current_user, self._thread_id)\n",
        ),
    ),
    _fault(
        "engine-kept-after-cleanup",
        "The clean-up forgets to forget the engine",
        "NC404",
        _ENGINES,
        ("engine", "        engines.discard(engine)\n", ""),
    ),
    _fault(
        "callback-kept",
        "Each engine registers a callback with the agent registry, and nobody takes it out",
        "NC404",
        _ENGINES,
        (
            "engine",
            _MAKE_ENGINE,
            _MAKE_ENGINE + "        self._agent_registry.__dict__.setdefault('closers', []).append(engine.close)\n",
        ),
    ),
    _fault(
        "log-grows",
        "The engine factory notes each run for ever",
        "NC404",
        _ENGINES,
        (
            "engine",
            _MAKE_ENGINE,
            _MAKE_ENGINE + "        self.__dict__.setdefault('_runs', []).append(context.run_id)\n",
        ),
    ),
    _fault(
        "engines-kept-by-module",
        "A module keeps all engines",
        "NC404",
        _ENGINES,
        ("engine", "MAX_ENGINES_PER_USER = 100\n", "MAX_ENGINES_PER_USER = 100\nEVERY_ENGINE: list[object] = []\n"),
        ("engine", _MAKE_ENGINE, _MAKE_ENGINE + "        EVERY_ENGINE.append(engine)\n"),
    ),
    _fault(
        "no-engine-for-users",
        "Engines are made for the rehearsal, and for no user",
        "NC405",
        _ENGINES,
        (
            "engine",
            _MAKE_ENGINE,
            '        if context.user_id not in ("startup", "check"):\n'
            '            raise LookupError("no such tenant")\n' + _MAKE_ENGINE,
        ),
    ),
)

_EVENTS = (
    _fault(
        "missing-tool-completed",
        "Nobody is told that a tool has answered",
        "NC501",
        "",
        ("tools", "        await self._emitter.notify_tool_completed(name, result)\n", ""),
        subjects=("tool_completed",),
    ),
    _fault(
        "missing-agent-completed",
        "Nobody is told that a run has ended",
        "NC501",
        "",
        ("engine", "            await self._emitter.notify_agent_completed(answer)\n", ""),
        subjects=("agent_completed",),
    ),
    _fault(
        "run-dies",
        "The agent raises in the middle of each run of a user",
        "NC501",
        "",
        (
            "tools",
            "        result = await self._tools[name](**arguments)\n",
            "        result = await self._tools[name](**arguments)\n"
            '        if self.context.user_id not in ("startup", "check"):\n'
            '            raise TimeoutError("the tool did not answer")\n',
        ),
        subjects=("tool_completed:agent_completed",),
    ),
    _fault(
        "sent-from-a-thread",
        "Tool results are sent from a thread without an event loop",
        "NC501",
        "",
        (
            "emitter",
            '        await self._emit("tool_completed", {"tool": tool, "result": result})\n',
            '        if self._bridge.context.user_id in ("startup", "check"):\n'
            "            return\n"
            "        import asyncio, threading\n\n"
            "        threading.Thread(\n"
            '            target=lambda: asyncio.create_task(self._emit("tool_completed", {"tool": tool})), daemon=True\n'
            "        ).start()\n",
        ),
        subjects=("tool_completed",),
    ),
    _fault(
        "completed-before-tool",
        "A run is told to have ended before its tool is called",
        "NC502",
        "",
        (
            "agents",
            '        await self._emitter.notify_agent_thinking("Has this been said before?")\n',
            '        await self._emitter.notify_agent_thinking("Has this been said before?")\n'
            '        await self._emitter.notify_agent_completed("soon")\n',
        ),
        ("engine", "            await self._emitter.notify_agent_completed(answer)\n", ""),
    ),
    _fault(
        "sends-overtake",
        "Each event is sent by a task of its own, later ones sooner",
        "NC502",
        "",
        (
            "emitter",
            "        await self._bridge.emit_event(event, data)\n",
            "        import asyncio\n\n"
            "        async def later() -> None:\n"
            '            await asyncio.sleep(0.1 if event == "tool_executing" else 0)\n'
            "            await self._bridge.emit_event(event, data)\n\n"
            "        self.__dict__.setdefault('_sends', []).append(asyncio.create_task(later()))\n",
        ),
    ),
    _fault(
        "late-event",
        "A tool's result is told two seconds late",
        "NC503",
        "",
        (
            "tools",
            "        await self._emitter.notify_tool_completed(name, result)\n",
            '        if self.context.user_id not in ("startup", "check"):\n'
            "            await __import__('asyncio').sleep(2)\n"
            "        await self._emitter.notify_tool_completed(name, result)\n",
        ),
        subjects=("tool_completed",),
        deadline_s=8.0,
    ),
    _fault(
        "broadcast-to-all",
        "Events are sent to the connections of all users",
        "NC504",
        "",
        (
            "pool",
            "        return self._connections.get(user_id, ())\n",
            "        return tuple(one for connections in self._connections.values() for one in connections)\n",
        ),
    ),
    _fault(
        "duplicated-event",
        "The agent says twice what it thinks",
        "NC505",
        "",
        (
            "emitter",
            '        await self._emit("agent_thinking", {"thought": thought})\n',
            '        await self._emit("agent_thinking", {"thought": thought})\n'
            '        await self._emit("agent_thinking", {"thought": thought})\n',
        ),
        subjects=("agent_thinking",),
    ),
    _fault(
        "no-token-accepted",
        "Who has no token is anonymous, and served",
        "NC506",
        "",
        (
            "auth",
            '            raise InvalidTokenError("there is no token")\n',
            '            return Identity("anonymous", time.time() + LIFETIME_S)\n',
        ),
        subjects=("no token",),
    ),
    _fault(
        "expired-token-accepted",
        "The expiry of tokens is not verified",
        "NC506",
        "",
        ("auth", 'options={"require":', 'options={"verify_exp": False, "require":'),
        ("auth", 'expires_at=int(claims["exp"])', "expires_at=time.time() + LIFETIME_S"),
        subjects=("expired token",),
    ),
    _fault(
        "signature-not-verified",
        "The signature of tokens is not verified",
        "NC506",
        "",
        (
            "auth",
            'options={"require":',
            'options={"verify_signature": False, "verify_exp": True, "verify_aud": True, "verify_iss": True, "require":',
        ),
        subjects=("wrong signature", "alg none"),
    ),
    _fault(
        "unsigned-token-accepted",
        "Tokens may name the algorithm by which they are verified, also none",
        "NC506",
        "",
        (
            "auth",
            "                options={",
            '                options={"verify_signature": not none} if none else {',
        ),
        (
            "auth",
            "        try:\n            claims = jwt.decode(\n",
            '        none = jwt.get_unverified_header(token)["alg"] == "none"\n'
            "        try:\n            claims = jwt.decode(\n",
        ),
        subjects=("alg none",),
    ),
    _fault(
        "any-audience-accepted",
        "Tokens made for another service are accepted",
        "NC506",
        "",
        ("auth", "                audience=AUDIENCE,\n", ""),
        ("auth", 'options={"require":', 'options={"verify_aud": False, "require":'),
        subjects=("another audience",),
    ),
    _fault(
        "slow-reader-stalls-others",
        "All connections wait for their turn to send",
        "NC508",
        "",
        (
            "connection",
            "                await self._websocket.send_text(await self._queue.get())\n",
            "                text = await self._queue.get()\n"
            "                async with TURN:\n"
            "                    await self._websocket.send_text(text)\n",
        ),
        ("connection", "QUEUE_SIZE = 1024\n", "QUEUE_SIZE = 100_000\nTURN = asyncio.Lock()\n"),
        switches=("slow_reader",),
    ),
    _fault(
        "reconnected-socket-evicted",
        "A socket that closes takes out all connections of its user",
        "NC509",
        "",
        ("pool", "        left = tuple(known for known in", "        left = () or tuple(known for known in"),
        ("pool", " if known is not connection)", " if False)"),
        switches=("reconnect",),
    ),
    _fault(
        "subscribed-twice",
        "A connection is added once more for each connection that its user had before",
        "NC505",
        "",
        (
            "pool",
            "        self._connections[user_id] = (*self.get_connections(user_id), connection)\n",
            "        before = self.get_connections(user_id)\n"
            "        self._connections[user_id] = (*before, connection, *(connection for _ in before))\n",
        ),
        switches=("reconnect",),
    ),
    _fault(
        "socket-outlives-token",
        "A socket stays open, and is served, after its token has expired",
        "NC510",
        "",
        ("chat", "timeout=self._time_left, return_when", "timeout=None, return_when"),
        ("chat", "        return self._time_left == 0.0\n", "        return False\n"),
        switches=("expiry",),
    ),
    _fault(
        "burst-overruns-queue",
        "The queue of a connection is too small for a busy user",
        "NC501",
        "",
        ("connection", "QUEUE_SIZE = 1024\n", "QUEUE_SIZE = 8\n"),
        switches=("burst",),
    ),
)

#: All of them, in the order in which they are told.
FAULTS: tuple[Fault, ...] = (*_STARTUP, *_ISOLATION, *_EVENTS)
