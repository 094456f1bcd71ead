"""Paths of contracts are followed, and questions of the plan answered."""

from __future__ import annotations

from netra_contracts.probe.inspection.object_ids import ObjectIds
from netra_contracts.probe.inspection.questions import QuestionEvaluator, follow_path
from netra_contracts.protocol.plan import Question
from tests.unit.probe.inspection.samples import AnswersEverything, Recording


def test_property_runs_if_a_path_names_it() -> None:
    Recording.ran.clear()
    assert follow_path(Recording(), "computed").value == 2
    assert Recording.ran == ["computed"]


def test_attribute_of_an_object_with_every_attribute_counts_as_missing() -> None:
    reached = follow_path(AnswersEverything(), "pool")
    assert reached.missing == "pool"
    assert "every name" in reached.detail


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
