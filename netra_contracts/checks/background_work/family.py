"""The family of checks NC6xx."""

from __future__ import annotations

from netra_contracts.checks.engine.family import Family

BACKGROUND_WORK = Family(6, "what startup leaves running")
