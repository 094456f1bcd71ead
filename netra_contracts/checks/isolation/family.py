"""The family of checks NC4xx."""

from __future__ import annotations

from netra_contracts.checks.engine.family import Family

ISOLATION = Family(4, "isolation")
