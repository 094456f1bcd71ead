"""NC4xx: isolation."""

from __future__ import annotations

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.isolation import release, sharing

CHECKS: tuple[Check, ...] = (
    *sharing.CHECKS,
    *release.CHECKS,
)
