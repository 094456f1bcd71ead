"""NC2xx: one component."""

from __future__ import annotations

from netra_contracts.checks.components import component_type, constraints, members, presence
from netra_contracts.checks.engine.check import Check

CHECKS: tuple[Check, ...] = (
    *presence.CHECKS,
    *component_type.CHECKS,
    *members.CHECKS,
    *constraints.CHECKS,
)
