"""The registry of checks.

A check is a class in the module of its family, with everything about it declared on the class; `engine` asks, judges
and links. Nothing in this package opens files, prints or reads the environment.
"""

from __future__ import annotations

from netra_contracts.checks import (
    background_work,
    components,
    contract_lint,
    events,
    isolation,
    lifecycle,
    order_and_wiring,
    usage,
)
from netra_contracts.checks.engine.check import Check

#: The families, in the order of their codes.
_FAMILIES = (lifecycle, components, order_and_wiring, isolation, events, background_work, usage, contract_lint)

#: All checks, in the order of their codes.
CHECKS: tuple[Check, ...] = tuple(
    sorted((check for family in _FAMILIES for check in family.CHECKS), key=lambda check: check.code)
)
