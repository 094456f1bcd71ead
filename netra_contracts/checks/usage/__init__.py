"""NC7xx: how the code uses the state."""

from __future__ import annotations

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.usage import access, misuse

CHECKS: tuple[Check, ...] = (
    *access.CHECKS,
    *misuse.CHECKS,
)
