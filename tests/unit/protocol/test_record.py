"""Records behave as frozen dataclasses do, and become dataclasses when something asks for their fields."""

from __future__ import annotations

import copy
import dataclasses
import subprocess
import sys
from typing import Any

import pytest

from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.plan import PlanItem, Question
from netra_contracts.protocol.record import record, replace


def test_fields_are_given_by_position_and_by_name() -> None:
    location = Location("main.py", function="app", line=3)
    assert (location.file, location.line, location.function) == ("main.py", 3, "app")


def test_field_without_a_value_has_its_default() -> None:
    assert Location("main.py", 3).function == ""


@pytest.mark.parametrize(
    ("values", "named", "message"),
    [
        ((), {}, "'file'"),
        (("main.py",), {}, "'line'"),
        (("main.py",), {"function": "app"}, "'line'"),
        (("main.py", 1, "app", 2, 3, "more"), {}, "too many"),
        (("main.py", 1), {"file": "other.py"}, "too many"),
        (("main.py", 1), {"colum": 2}, "no field 'colum'"),
    ],
)
def test_wrong_values_are_refused(values: tuple[Any, ...], named: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Location(*values, **named)


def test_record_is_immutable() -> None:
    location: Any = Location("main.py", 3)
    with pytest.raises(AttributeError, match="immutable"):
        location.line = 4
    with pytest.raises(AttributeError, match="immutable"):
        del location.line
    assert location == Location("main.py", 3)


def test_records_are_equal_if_class_and_fields_are() -> None:
    assert Location("main.py", 3) == Location("main.py", 3)
    assert Location("main.py", 3) != Location("main.py", 4)
    others: list[object] = [Answer(0, True), "main.py"]
    assert Location("main.py", 3) not in others


def test_equal_records_are_one_key() -> None:
    items = {PlanItem(Question("present", "pool")): 1, Location("main.py", 3): 2}
    assert items[PlanItem(Question("present", "pool"))] == 1
    assert items[Location("main.py", 3)] == 2


def test_hash_that_a_class_defines_is_kept() -> None:
    question = Question("present", "pool", other="a")
    assert hash(question) == hash(Question("present", "pool", other="b")) != hash(Question("present", "cache"))


def test_repr_gives_the_fields() -> None:
    assert repr(Location("main.py", 3)) == "Location(file='main.py', line=3, function='', column=None, end_column=None)"


def test_replace_changes_a_copy() -> None:
    answer = Answer(0, True)
    assert replace(answer, item=2, moment="READINESS") == Answer(2, True, moment="READINESS")
    assert answer == Answer(0, True)
    with pytest.raises(TypeError, match="no field 'items'"):
        replace(answer, items=2)  # type: ignore[call-arg]  # what is refused


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copy_is_equal(copied: Any) -> None:
    item = PlanItem(Question("present", "pool"), "READINESS")
    assert copied(item) == item


def test_record_is_a_dataclass_for_the_standard_library() -> None:
    location = Location("main.py", 3)
    assert dataclasses.is_dataclass(location)
    assert [field.name for field in dataclasses.fields(location)] == [
        "file",
        "line",
        "function",
        "column",
        "end_column",
    ]
    assert dataclasses.asdict(location) == {
        "file": "main.py",
        "line": 3,
        "function": "",
        "column": None,
        "end_column": None,
    }
    assert dataclasses.replace(location, line=4) == Location("main.py", 4)


def test_mutable_record_is_refused() -> None:
    with pytest.raises(TypeError, match="immutable"):
        record(frozen=False)


def test_records_are_defined_without_dataclasses() -> None:
    code = "import sys, netra_contracts.protocol.control; print('dataclasses' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
