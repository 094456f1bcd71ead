"""The family of checks NC2xx."""

from __future__ import annotations

from netra_contracts.checks.engine.family import Family

COMPONENTS = Family(2, "one component", judges_contracts=True)
