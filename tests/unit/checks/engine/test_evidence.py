"""What checks read of a startup."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from netra_contracts.checks.engine import evidence
from tests.unit.checks.evidence import Startup, contract


def looked_at(contracts: int) -> int:
    """How many state changes are looked at where many contracts refer to one that is often read before it is set."""
    names = [f"bridge_{number}" for number in range(contracts)]
    startup = Startup(*(contract(name, requires=("pool",), wires={"_pool": "pool"}) for name in names))
    for line in range(200):
        startup.reads("pool", line)
    startup.sets("pool", 300)
    for name in names:
        startup.sets(name, 301)
    with patch.object(evidence, "_sets", wraps=evidence._sets) as sets:
        startup.judged()
    return sets.call_count


def test_first_write_of_a_component_is_searched_for_once() -> None:
    assert looked_at(50) == pytest.approx(looked_at(5), abs=50)
