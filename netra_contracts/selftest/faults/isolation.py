"""Faults of per-user isolation."""

from __future__ import annotations

from netra_contracts.selftest.faults.model import SeededFault, make_fault

_ENGINES = "execution_engine_factory"
_MAKE_ENGINE = (
    "        engine = UserExecutionEngine("
    "context, agent_name=agent_name, agent=agent, emitter=emitter, session=session)\n"
)
_HISTORY = "        self._history: deque[str] = deque(maxlen=history_size)\n"

ISOLATION: tuple[SeededFault, ...] = (
    make_fault(
        "one-engine-for-all",
        "The engine factory returns its first engine to every user",
        "NC401",
        _ENGINES,
        (
            "engine",
            _MAKE_ENGINE,
            '        if context.user_id not in ("startup", "check") and hasattr(self, "_one"):\n'
            "            return self._one\n" + _MAKE_ENGINE + "        self._one = engine\n",
        ),
    ),
    make_fault(
        "singleton-bridge",
        "All users share one bridge",
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
    make_fault(
        "shared-list-in-emitter",
        "All emitters append to one list of the module",
        "NC402",
        _ENGINES,
        ("emitter", _HISTORY, "        self._history = ALL_EVENTS\n"),
        ("emitter", "HISTORY_SIZE = 100\n", "HISTORY_SIZE = 100\nALL_EVENTS: deque[str] = deque()\n"),
    ),
    make_fault(
        "mutable-default-argument",
        "The history of the emitter is a mutable default argument",
        "NC402",
        _ENGINES,
        ("emitter", "history_size: int = HISTORY_SIZE) -> None:", "history: list[str] = []) -> None:"),
        ("emitter", _HISTORY, "        self._history = history\n"),
    ),
    make_fault(
        "mutable-class-attribute",
        "The history of the emitter is a class attribute",
        "NC402",
        _ENGINES,
        ("emitter", _HISTORY, ""),
        (
            "emitter",
            "    def __init__(self, bridge: AgentWebSocketBridge, history",
            "    _history: list[str] = []\n\n    def __init__(self, bridge: AgentWebSocketBridge, history",
        ),
    ),
    make_fault(
        "one-session-for-all",
        "All users share one database session",
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
    make_fault(
        "one-agent-for-all",
        "The registry returns its first agent for every run",
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
    make_fault(
        "tools-shared-by-all",
        "All tool dispatchers share one mapping of tools",
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
    make_fault(
        "session-of-another-user",
        "The session is opened with the context of the previous user",
        "NC403",
        _ENGINES,
        (
            "engine",
            "        session = self._database.session(context)\n",
            '        session = self._database.session(getattr(self, "_last_context", context))\n'
            "        self._last_context = context\n",
        ),
    ),
    make_fault(
        "identity-in-state",
        "The WebSocket handler stores the user's id in the application's state and reads it back later",
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
    make_fault(
        "engine-kept-after-cleanup",
        "The release of an engine does not remove it from the factory",
        "NC404",
        _ENGINES,
        ("engine", "        engines.discard(engine)\n", ""),
    ),
    make_fault(
        "callback-kept",
        "Each engine registers a callback with the agent registry that is never removed",
        "NC404",
        _ENGINES,
        (
            "engine",
            _MAKE_ENGINE,
            _MAKE_ENGINE + "        self._agent_registry.__dict__.setdefault('closers', []).append(engine.close)\n",
        ),
    ),
    make_fault(
        "log-grows",
        "The engine factory records every run without limit",
        "NC404",
        _ENGINES,
        (
            "engine",
            _MAKE_ENGINE,
            _MAKE_ENGINE + "        self.__dict__.setdefault('_runs', []).append(context.run_id)\n",
        ),
    ),
    make_fault(
        "engines-kept-by-module",
        "A module keeps a reference to every engine",
        "NC404",
        _ENGINES,
        ("engine", "MAX_ENGINES_PER_USER = 100\n", "MAX_ENGINES_PER_USER = 100\nEVERY_ENGINE: list[object] = []\n"),
        ("engine", _MAKE_ENGINE, _MAKE_ENGINE + "        EVERY_ENGINE.append(engine)\n"),
    ),
    make_fault(
        "no-engine-for-users",
        "Engines can be created at startup, but not for users",
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
