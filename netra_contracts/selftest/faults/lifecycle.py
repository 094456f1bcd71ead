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
