"""The family of checks NC3xx."""

from __future__ import annotations

from netra_contracts.checks.engine.family import Family

ORDER_AND_WIRING = Family(3, "order and wiring", judges_contracts=True)
