"""Which objects of the state the instances of several users share."""

from __future__ import annotations

import asyncio
from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest

from netra_contracts.probe.isolation.runner import IsolationRunner
from netra_contracts.protocol.observed.isolation import IsolationResult
from netra_contracts.protocol.plan import IsolationRequest


class Factory:
    """Gives each user an instance that refers to one object of the state."""

    def __init__(self, entry: Any) -> None:
        self._entry = entry

    def create(self, user_id: str) -> Any:
        """Create an instance."""
        return SimpleNamespace(user=user_id, entry=self._entry)


def isolated(entry: Any, *declared: str) -> IsolationResult:
    runner = IsolationRunner("tests", [("factory", Factory(entry)), ("entry", entry)], (), set(declared))
    return asyncio.run(runner.run(IsolationRequest("factory", "create", users=2)))


@pytest.mark.parametrize("entry", [[], {}, set(), bytearray(), deque()], ids=lambda entry: type(entry).__name__)
def test_bare_container_of_the_state_is_shared_data_unless_it_has_a_contract(entry: Any) -> None:
    assert [(shared.type, shared.entry) for shared in isolated(entry).shared] == [
        (f"collections:{type(entry).__name__}" if isinstance(entry, deque) else type(entry).__name__, "entry")
    ]
    assert isolated(entry, "entry").shared == ()


def test_component_of_the_state_may_be_shared() -> None:
    assert isolated(Factory(None)).shared == ()
