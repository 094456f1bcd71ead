"""Runs pytest on an empty test, with or without the plugin's distribution: `unused_plugin.py with|without`.

Without it, pytest does not see the distribution at all, as if it were not installed.
"""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Iterable

import pytest

_distributions = importlib.metadata.distributions


def _others() -> Iterable[importlib.metadata.Distribution]:
    return [found for found in _distributions() if found.metadata["Name"] != "netra-contracts"]


def _all() -> Iterable[importlib.metadata.Distribution]:
    found = list(_distributions())
    _ = [each.metadata["Name"] for each in found]  # what the other side reads
    return found


setattr(importlib.metadata, "distributions", _others if sys.argv[1] == "without" else _all)  # noqa: B010 - an overload
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-o", "netra_contracts=false", "test_nothing.py"]))
