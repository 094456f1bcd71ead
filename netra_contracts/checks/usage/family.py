"""The family of checks NC7xx."""

from __future__ import annotations

from netra_contracts.checks.engine.family import Family

USAGE = Family(7, "how the code uses the state")
