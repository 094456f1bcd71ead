"""Readiness checks of the application. `netra-contracts check` runs them after startup."""

from __future__ import annotations

from starlette.datastructures import State

from netra_contracts.declare import Phase, phase_check
from netra_contracts.reference.context import user_context
from netra_contracts.reference.startup import rehearse


@phase_check(Phase.READINESS, requires=["database"])
async def database_answers(state: State) -> str | None:
    """A session stores a message and finds it."""
    session = state.database.session(user_context("check"))
    try:
        before = await session.count_messages()
        await session.add_message("stored by the check")
        found = await session.count_messages() - before
    finally:
        session.close()
    return None if found == 1 else f"of one stored message, {found} were found"


@phase_check(Phase.READINESS, requires=["execution_engine_factory", "supervisor_factory"])
async def rehearsal_is_answered(state: State) -> str | None:
    """A message is answered, and its engine is released."""
    before = state.execution_engine_factory.active
    answer = await rehearse(state.supervisor_factory)
    if not answer:
        return "the answer is empty"
    if state.execution_engine_factory.active > before:
        return "the engine of a run that ended was not cleaned up"
    return None
