"""The identity of a run."""

from __future__ import annotations

import dataclasses

import pytest

from netra_contracts.reference.context import UserExecutionContext, user_context
from tests.unit.reference.connections import context


@pytest.mark.parametrize("field", ["user_id", "thread_id", "run_id", "request_id"])
@pytest.mark.parametrize("empty", ["", " \t"])
def test_empty_id_is_refused(field: str, empty: str) -> None:
    ids = {"user_id": "ada", "thread_id": "t", "run_id": "r", "request_id": "q", field: empty}
    with pytest.raises(ValueError, match=field):
        UserExecutionContext(**ids)


def test_context_is_frozen() -> None:
    mine = context("ada")
    with pytest.raises(dataclasses.FrozenInstanceError):
        mine.user_id = "bob"  # type: ignore[misc]  # that it cannot be assigned is what is tested


def test_each_context_has_new_run_and_request_ids() -> None:
    first, second = user_context("ada"), user_context("ada")
    assert first.user_id == second.user_id == "ada"
    assert len({first.run_id, second.run_id, first.request_id, second.request_id}) == 4
    assert user_context("ada", "thread").thread_id == "thread"
