"""The family of checks NC1xx."""

from __future__ import annotations

from netra_contracts.checks.engine.family import Family

LIFECYCLE = Family(1, "load, start, stop")
