"""The readiness URL is polled beside the scenarios."""

from __future__ import annotations

import pytest

from netra_contracts.clients import TargetCalls, observe
from tests.unit.clients.served_app import (
    Chat,
    contract,
    served,
    tokens,
)


@pytest.mark.parametrize(("ready_after", "first"), [(0, 200), (1, 503)])
def test_readiness_is_polled_until_the_answer_is_200(ready_after: int, first: int) -> None:
    with served(Chat(ready_after=ready_after)) as port:
        seen = observe(port, contract(users=1, readiness="/readyz"), TargetCalls(tokens)).readiness

    assert seen is not None
    assert (seen.first_status, seen.last_status) == (first, 200)
    assert seen.ready_ms is not None
    assert (seen.ready_ms == 0) is (first == 200)


def test_polling_ends_with_the_scenarios() -> None:
    with served(Chat(ready_after=10**6)) as port:
        seen = observe(port, contract(users=1, readiness="/readyz"), TargetCalls(tokens)).readiness

    assert seen is not None
    assert (seen.first_status, seen.ready_ms, seen.last_status) == (503, None, 503)
