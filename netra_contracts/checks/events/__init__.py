"""NC5xx: events and readiness."""

from __future__ import annotations

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.events import access, connecting, delivery, misbehaving_clients, readiness

CHECKS: tuple[Check, ...] = (
    *delivery.CHECKS,
    *access.CHECKS,
    *misbehaving_clients.CHECKS,
    *readiness.CHECKS,
    *connecting.CHECKS,
)
