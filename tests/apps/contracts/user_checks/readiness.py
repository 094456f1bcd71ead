"""Checks of the user: passing and failing, in each form a check may have."""

import asyncio
import time

from netra_contracts.declare import Phase, phase_check


@phase_check(Phase.READINESS)
def passes(state):
    assert state.pool is not None


@phase_check(Phase.READINESS)
async def raises(state):
    await asyncio.sleep(0)
    raise ConnectionError("broker does not answer")


@phase_check(Phase.CONFIGURATION)
def asserts(state):
    assert state.pool is None, "the pool is there"


@phase_check(Phase.READINESS)
def yields_messages(state):
    yield "queue orders is not declared"
    yield "queue invoices is not declared"


@phase_check(Phase.READINESS)
async def returns_a_message(state):
    return "the model is not loaded"


@phase_check(Phase.READINESS, timeout=0.2)
async def hangs(state):
    await asyncio.Event().wait()


@phase_check(Phase.READINESS, requires=["cache"])
def is_blocked(state):
    raise AssertionError("must not run")


def helper(state):
    raise AssertionError("not a check")
