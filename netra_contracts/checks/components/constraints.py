"""Checks of a component's value: NC208."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.components.family import COMPONENTS
from netra_contracts.checks.components.wording import last_write_cause
from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.protocol.plan import Question


class ConstraintBroken(Check):
    """## What it does

    Reports a plain value that violates a constraint of its contract (`gt`, `ge`, `lt`, `le`, `multiple-of`,
    `min-length`, `max-length`, `pattern`). The value is compared in the target's process and never shown.

    ## Why it matters

    A timeout of 0, an empty secret or a port out of range is set, has the right type, and is wrong.

    ## Example

    ```toml
    [tool.netra-contracts.components.request_timeout]
    type = "float"
    gt = 0
    ```

    ## What to do

    Correct the setting that the value comes from.
    """

    code = "NC208"
    name = "constraint-broken"
    family = COMPONENTS
    examines_component = True

    def ask(self, contract: ComponentContract) -> Iterable[Question]:
        """Whether each constraint holds."""
        return (
            Question("bound", contract.component, operator=bound.operator, operand=bound.operand)
            for bound in contract.bounds
        )

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each constraint."""
        for contract in context.blocking.examinable:
            for name in contract.uncheckable:
                question = Question("bound", contract.component, operator=name)
                yield self.not_run(contract, question, f"`{name}` cannot be checked without reading the value")
            for question in self.ask(contract):
                answer = context.contracts.answer(contract, question)
                if answer is None or answer.holds is None:
                    yield self.not_run(contract, question, answer.detail if answer else "")
                elif not answer.holds:
                    operator = question.operator.replace("_", "-")
                    yield self.finding_for(
                        contract,
                        f"`{contract.component}` violates its constraint `{operator} = {question.operand!r}`",
                        subject=question.operator,
                        causes=(last_write_cause(context, contract),),
                        hint="correct the setting that it comes from; the value itself is not shown",
                    )


CHECKS: tuple[Check, ...] = (ConstraintBroken(),)
