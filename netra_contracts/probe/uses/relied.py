"""Answers what contracts can say of the uses in the sources, for `netra-contracts init --from-usage`.

As for every question of a contract, a property is read if a use names it and nothing else has the name.
"""

from __future__ import annotations

from ...protocol.observed.answers import ReliedAnswer
from ...protocol.plan import Question
from ...protocol.relied_terms import question_of_term, terms_of
from ...protocol.source_usage import SourceUsage
from ..inspection.questions import QuestionEvaluator
from ..startup.states.app_states import AppStates
from .evidence import READS, components_by_name, meant


def relied_answers(usage: SourceUsage, states: AppStates, evaluator: QuestionEvaluator) -> tuple[ReliedAnswer, ...]:
    """Whether the components fit what code does with them.

    Args:
        usage: what the sources say.
        states: of the target.
        evaluator: answers questions as of now.
    """
    components = components_by_name(states)
    questions: dict[Question, None] = {}
    for access in usage.accesses:
        if access.kind in READS:
            for address, value in meant(access, components):
                for use in access.uses if value is not None else ():
                    questions.update((question_of_term(term, address), None) for term in terms_of(use))
    asked = list(questions)
    answers = evaluator.answer(list(enumerate(asked)), "startup")
    return tuple(ReliedAnswer(asked[answer.item], answer) for answer in answers)
