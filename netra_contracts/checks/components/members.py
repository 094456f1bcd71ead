"""Checks of a component's attributes and methods: NC204 to NC206."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.components.component_type import TestDouble, WrongType
from netra_contracts.checks.components.family import COMPONENTS
from netra_contracts.checks.components.wording import display_type, last_write_cause
from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.model.finding import Finding
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.plan import Question


class MemberCheck(Check):
    """A check of what a component has: an object of another type has other attributes and methods."""

    family = COMPONENTS
    examines_component = True

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """The type of the component."""
        return findings.of(TestDouble, WrongType, component=finding.component)


class AttributeMissing(MemberCheck):
    """## What it does

    Reports an attribute that a contract lists under `attributes` and that is missing or None. Paths may be dotted.

    ## Why it matters

    The component was created, but not set up.

    ## Example

    ```toml
    attributes = ["_client", "settings.dsn"]
    ```

    ## What to do

    Set it before the component is stored in the state, or correct the path. An attribute that only `__getattr__`
    provides counts if `__getattr__` rejects an invented name.
    """

    code = "NC204"
    name = "attribute-missing"

    def ask(self, contract: ComponentContract) -> Iterable[Question]:
        """Whether each path exists."""
        return (Question("attribute", contract.component, path=path) for path in contract.attributes)

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each path."""
        for contract in context.blocking.examinable:
            for question in self.ask(contract):
                answer = context.contracts.answer(contract, question)
                if answer is None or answer.holds is None:
                    yield self.not_run(contract, question, answer.detail if answer else "")
                elif not answer.holds:
                    yield self._finding(context, contract, question, answer)

    def _finding(self, context: Context, contract: ComponentContract, question: Question, answer: Answer) -> Finding:
        path = f"`{contract.component}.{question.path}`"
        if answer.missing:
            step = f" (there is no `{answer.missing}`)" if answer.missing != question.path else ""
            message = f"{path} does not exist{step}" + (f": {answer.detail}" if answer.detail else "")
        else:
            message = f"{path} is None"
        return self.finding_for(
            contract,
            message,
            subject=question.path,
            causes=(last_write_cause(context, contract),),
            hint=f"did you mean `{answer.near}`?"
            if answer.near
            else "set it before the component is stored in the state",
        )


def _method_questions(contract: ComponentContract) -> Iterable[Question]:
    return (
        Question(
            "method", contract.component, path=method.name, signature=method.signature, asynchronous=method.asynchronous
        )
        for method in contract.methods
    )


def _is_signature(answer: Answer) -> bool:
    return answer.reason == "call-refused"


class MethodMissing(MemberCheck):
    """## What it does

    Reports a method that a contract lists and that is missing, is not callable, or is not async although it is listed
    under `async-methods`. A method is async if it is `async def`, also behind wrappers, or if its return annotation or
    documentation says that it returns an awaitable. A method that is not annotated and returns the result of a call is
    reported as not run, and so is one that is annotated with both, unless it calls an async method of its class.

    ## Why it matters

    A request fails with an `AttributeError`, or because it awaits an object that cannot be awaited.

    ## Example

    ```toml
    methods = ["add_connection", "remove_connection"]
    async-methods = ["close"]
    ```

    ## What to do

    Add the method, or correct its name.
    """

    code = "NC205"
    name = "method-missing"

    def ask(self, contract: ComponentContract) -> Iterable[Question]:
        """Whether each method exists and accepts the call."""
        return _method_questions(contract)

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each method."""
        for contract in context.blocking.examinable:
            for question in _method_questions(contract):
                answer = context.contracts.answer(contract, question)
                if answer is None:
                    yield self.not_run(contract, question)
                elif answer.holds is None and not question.signature:  # otherwise, the check of signatures reports it
                    yield self.not_run(contract, question, answer.detail)
                elif answer.holds is False and not _is_signature(answer):
                    yield self._finding(context, contract, question, answer)

    def _finding(self, context: Context, contract: ComponentContract, question: Question, answer: Answer) -> Finding:
        path = f"`{contract.component}.{question.path}`"
        if answer.missing:
            message = f"{path} does not exist" + (f": {answer.detail}" if answer.detail else "")
            hint = f"did you mean `{answer.near}`?" if answer.near else "add the method, or correct its name"
        elif answer.reason == "not-async":
            message, hint = f"{path} is not async", "make it an `async def` function, or list it under `methods`"
        else:
            message = f"{path} is not callable: its type is {display_type(answer.actual)}"
            hint = "if it is not a method, list it under `attributes`"
        return self.finding_for(
            contract,
            message,
            # That it does not exist is another fault than what it is.
            subject=question.path if answer.missing else f"{question.path} {answer.reason or 'not-callable'}",
            causes=(last_write_cause(context, contract),),
            hint=hint,
        )


class SignatureDoesNotFit(MemberCheck):
    """## What it does

    Reports a method that does not accept a call with the parameters that its contract lists.

    ## Why it matters

    The first call fails with a `TypeError`, typically after a parameter was added to the caller or to the method only.

    ## Example

    ```toml
    methods = ["emit_event(event, data)"]
    ```

    ```python
    def emit_event(self, event): ...
    ```

    ## What to do

    Change the method, or the parameters in the contract. Parameters are passed by position, those after `*` by name.
    """

    code = "NC206"
    name = "signature-does-not-fit"
    judges_questions_of = (MethodMissing,)

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each method."""
        for contract in context.blocking.examinable:
            for question in _method_questions(contract):
                answer = context.contracts.answer(contract, question)
                if answer is None or not question.signature:
                    continue
                if answer.holds is None:
                    yield self.not_run(contract, question, answer.detail)
                elif _is_signature(answer):
                    call = f"`{contract.component}.{question.path}{question.signature}`"
                    yield self.finding_for(
                        contract,
                        f"{call} would fail: {answer.detail}",
                        subject=f"{question.path}{question.signature}",
                        location=answer.location,
                        causes=(last_write_cause(context, contract),),
                        hint="change the method, or the parameters in the contract",
                    )


CHECKS: tuple[Check, ...] = (
    AttributeMissing(),
    MethodMissing(),
    SignatureDoesNotFit(),
)
