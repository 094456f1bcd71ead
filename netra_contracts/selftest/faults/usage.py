"""Faults of how the code uses the state. They are in lines that no client reaches."""

from __future__ import annotations

from netra_contracts.selftest.faults.model import SeededFault, make_fault

_STATE = "    state = websocket.app.state\n"
_COMPLETE = "            state.startup_complete = True\n"
_IF_TRACED = '    if "trace" in websocket.query_params:\n'

USAGE: tuple[SeededFault, ...] = (
    make_fault(
        "reads-an-entry-never-set",
        "A handler reads an entry that nothing sets",
        "NC701",
        "tracer",
        ("chat", _STATE, _STATE + _IF_TRACED + "        state.tracer.follow(websocket)\n"),
    ),
    make_fault(
        "calls-a-method-that-does-not-exist",
        "A handler calls a method that the database does not have",
        "NC702",
        "database",
        ("chat", _STATE, _STATE + _IF_TRACED + '        await state.database.executemany("trace")\n'),
        subjects=("executemany",),
    ),
    make_fault(
        "awaits-what-is-not-async",
        "A handler awaits a method that is not async",
        "NC702",
        "websocket_connection_pool",
        ("chat", _STATE, _STATE + _IF_TRACED + "        await state.websocket_connection_pool.get_connections(1)\n"),
        subjects=("get_connections await",),
    ),
    make_fault(
        "sets-an-entry-never-read",
        "Startup sets an entry that nothing reads",
        "NC703",
        "legacy_bridge",
        ("startup", _COMPLETE, "            state.legacy_bridge = object()\n" + _COMPLETE),
        ("startup", "if getattr(state, name, None) is None]", 'if not hasattr(state, "supervisor_factory")]'),
    ),
    make_fault(
        "writes-user-data-into-the-state",
        "A handler writes a header of its request into the state of the application",
        "NC704",
        "user_agent",
        ("chat", _STATE, _STATE + '    state.user_agent = websocket.headers.get("user-agent")\n'),
    ),
)
