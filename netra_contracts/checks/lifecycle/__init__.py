"""NC1xx: load, start, stop."""

from __future__ import annotations

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.lifecycle import (
    abandoned_generators,
    context_variables,
    environment,
    environment_file,
    fork_safety,
    handlers,
    lifespan,
    loading,
    process_end,
    yielded_state,
)

CHECKS: tuple[Check, ...] = (
    *loading.CHECKS,
    *process_end.CHECKS,
    *lifespan.CHECKS,
    *handlers.CHECKS,
    *environment.CHECKS,
    *fork_safety.CHECKS,
    *yielded_state.CHECKS,
    *context_variables.CHECKS,
    *abandoned_generators.CHECKS,
    *environment_file.CHECKS,
)
