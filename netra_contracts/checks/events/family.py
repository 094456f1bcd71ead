"""The family of checks NC5xx."""

from __future__ import annotations

from netra_contracts.checks.engine.family import Family

EVENTS = Family(5, "events and readiness")
