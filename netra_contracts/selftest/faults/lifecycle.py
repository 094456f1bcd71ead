"""Faults of import and lifespan that no contract is about."""

from __future__ import annotations

from netra_contracts.selftest.faults.model import SeededFault, make_fault

LIFECYCLE: tuple[SeededFault, ...] = (
    make_fault(
        "thread-at-import",
        "The import starts a thread",
        "NC118",
        "",
        (
            "agents",
            "class AgentRegistry:",
            "__import__('threading').Thread(target=__import__('time').sleep, args=(60,), daemon=True).start()\n\n\n"
            "class AgentRegistry:",
        ),
        subjects=("thread time:sleep from agents.<module>",),
    ),
    make_fault(
        "context-variable-not-seen",
        "The startup sets a context variable that requests read",
        "NC120",
        "",
        ("context", "import uuid\n", "import contextvars\nimport uuid\n"),
        (
            "context",
            "def fresh_id() -> str:\n",
            "NODE = contextvars.ContextVar('NODE', default='')\n\n\ndef fresh_id() -> str:\n",
        ),
        ("context", "    return uuid.uuid4().hex\n", "    return NODE.get() + uuid.uuid4().hex\n"),
        ("startup", "context import user_context\n", "context import NODE, user_context\n"),
        (
            "startup",
            "            state.startup_complete = True\n",
            "            NODE.set('a')\n            state.startup_complete = True\n",
        ),
        subjects=("netra_contracts.reference.context:NODE",),
    ),
    make_fault(
        "lifespan-generator-abandoned",
        "The startup enters a context by hand and never leaves it",
        "NC121",
        "",
        (
            "startup",
            "await shutdown.enter_async_context(idle_cleanup(state.execution_engine_factory))",
            "await idle_cleanup(state.execution_engine_factory).__aenter__()",
        ),
        subjects=("startup.idle_cleanup by startup.lifespan",),
    ),
)
