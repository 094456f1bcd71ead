"""NC3xx: order and wiring."""

from __future__ import annotations

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.order_and_wiring import ordering, state_changes, wiring

CHECKS: tuple[Check, ...] = (
    *ordering.CHECKS,
    *state_changes.CHECKS,
    *wiring.CHECKS,
)
