"""Users that are not kept apart."""

from __future__ import annotations

from netra_contracts.selftest.faults.model import SeededFault, fault

_ENGINES = "execution_engine_factory"
_MAKE_ENGINE = (
    "        engine = UserExecutionEngine("
    "context, agent_name=agent_name, agent=agent, emitter=emitter, session=session)\n"
)
_HISTORY = "        self._history: deque[str] = deque(maxlen=history_size)\n"

ISOLATION: tuple[SeededFault, ...] = (
    fault(
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
    fault(
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
    fault(
        "shared-list-in-emitter",
        "All emitters write into one list of the module",
        "NC402",
        _ENGINES,
        ("emitter", _HISTORY, "        self._history = ALL_EVENTS\n"),
        ("emitter", "HISTORY_SIZE = 100\n", "HISTORY_SIZE = 100\nALL_EVENTS: deque[str] = deque()\n"),
    ),
    fault(
        "mutable-default-argument",
        "The emitter's history is a mutable default argument",
        "NC402",
        _ENGINES,
        ("emitter", "history_size: int = HISTORY_SIZE) -> None:", "history: list[str] = []) -> None:"),
        ("emitter", _HISTORY, "        self._history = history\n"),
    ),
    fault(
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
    fault(
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
    fault(
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
    fault(
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
    fault(
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
    fault(
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
    fault(
        "engine-kept-after-cleanup",
        "The clean-up forgets to forget the engine",
        "NC404",
        _ENGINES,
        ("engine", "        engines.discard(engine)\n", ""),
    ),
    fault(
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
    fault(
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
    fault(
        "engines-kept-by-module",
        "A module keeps all engines",
        "NC404",
        _ENGINES,
        ("engine", "MAX_ENGINES_PER_USER = 100\n", "MAX_ENGINES_PER_USER = 100\nEVERY_ENGINE: list[object] = []\n"),
        ("engine", _MAKE_ENGINE, _MAKE_ENGINE + "        EVERY_ENGINE.append(engine)\n"),
    ),
    fault(
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
