"""Why a scenario is skipped. The messages are sentences without tokens, ids or other values."""

from __future__ import annotations


class SkippedError(Exception):
    """A scenario cannot be tried."""


class TokenError(SkippedError):
    """A token cannot be obtained."""
