"""Attributes are looked up without running code of the object."""

from __future__ import annotations

import pytest

from netra_contracts.probe.inspection.safe_inspect import (
    MISSING,
    ComputedAttribute,
    is_plain,
    lookup,
)
from tests.unit.probe.inspection.samples import Recording, Slotted


def test_lookup_runs_no_code_of_the_object() -> None:
    Recording.ran.clear()
    obj = Recording()
    assert lookup(obj, "plain") == 1
    assert type(lookup(obj, "computed")) is ComputedAttribute
    assert lookup(obj, "missing") is MISSING
    assert Recording.ran == []


def test_slots_are_read_and_an_unset_slot_is_missing() -> None:
    assert (lookup(Slotted(), "here"), lookup(Slotted(), "unset")) == (1, MISSING)


@pytest.mark.parametrize(("obj", "plain"), [(1, True), ("a", True), (None, True), ([], False), (int, False)])
def test_numbers_texts_and_none_are_plain(obj: object, plain: bool) -> None:
    assert is_plain(obj) is plain
