"""Paths of contracts are followed, and questions of the plan answered."""

from __future__ import annotations

from collections import deque

import pytest

from netra_contracts.probe.inspection.object_ids import ObjectIds
from netra_contracts.probe.inspection.questions import QuestionEvaluator, follow_path
from netra_contracts.protocol.plan import Question, TypeSpec
from tests.unit.probe.inspection import typed_samples
from tests.unit.probe.inspection.samples import AnswersEverything, Recording


def test_property_runs_if_a_path_names_it() -> None:
    Recording.ran.clear()
    assert follow_path(Recording(), "computed").value == 2
    assert Recording.ran == ["computed"]


def test_attribute_of_an_object_with_every_attribute_counts_as_missing() -> None:
    reached = follow_path(AnswersEverything(), "pool")
    assert reached.missing == "pool"
    assert "every name" in reached.detail


@pytest.mark.parametrize(
    ("obj", "path"), [({"a": [7]}, "a.0"), ({3: (7,)}, "3.0"), ([{"x": 7}], "0.x"), (deque([7]), "0")]
)
def test_path_leads_through_keys_and_indices(obj: object, path: str) -> None:
    assert follow_path(obj, path).value == 7


@pytest.mark.parametrize(("obj", "path", "missing"), [([], "0", "0"), ({}, "a", "a"), ("text", "0", "0")])
def test_index_or_key_that_does_not_exist_is_missing(obj: object, path: str, missing: str) -> None:
    assert follow_path(obj, path).missing == missing


def test_missing_step_has_the_nearest_name() -> None:
    reached = follow_path(Recording(), "plian")
    assert (reached.missing, reached.near) == ("plian", "plain")


def test_property_that_raises_is_missing_and_the_answer_names_the_exception() -> None:
    class Raises:
        @property
        def pool(self) -> int:
            raise RuntimeError("not now")

    evaluator = QuestionEvaluator({"service": Raises()}.__getitem__, ObjectIds())
    (answer,) = evaluator.answer([(0, Question("attribute", "service", path="pool"))], "startup")
    assert (answer.holds, answer.missing) == (False, "pool")
    assert "RuntimeError: not now" in answer.detail


@pytest.mark.parametrize(
    ("name", "holds"),
    [("None", True), ("MaybeReader", True), ("Either", False), ("object", False), ("Anything", False), ("int", False)],
)
def test_none_fits_a_type_only_if_the_type_or_an_alias_names_none(name: str, holds: bool) -> None:
    spec = TypeSpec("", (name if name in ("None", "object", "int") else f"{typed_samples.__name__}:{name}",))
    evaluator = QuestionEvaluator({"pool": None}.__getitem__, ObjectIds())
    (answer,) = evaluator.answer([(0, Question("fits", "pool", type=spec))], "startup")
    assert (answer.holds, answer.is_none) == (holds, True)
