"""Checks of a component's type: NC203, NC207."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.components.family import COMPONENTS
from netra_contracts.checks.components.nesting import faults_above
from netra_contracts.checks.components.wording import display_type, last_write_cause
from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.evidence import cause_from_change
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.origins import duplicate_cause, duplicate_of
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.plan import Question


class WrongType(Check):
    """## What it does

    Reports a component that is not an instance of its contract's type. The real class and its real bases count, not
    what `__class__` claims. A proxy passes if the object that it wraps (`__wrapped__`) does.

    ## Why it matters

    The attribute exists, so nothing fails until a method of it is missing.

    ## Example

    ```toml
    type = "myapp.ws:WebSocketConnectionPool"
    ```

    ```python
    app.state.websocket_connection_pool = {}
    ```

    ## What to do

    Set an instance of the declared type, or declare the type that is meant: a base class, a protocol, a union.
    """

    code = "NC203"
    name = "wrong-type"
    family = COMPONENTS
    examines_component = True

    def ask(self, contract: ComponentContract) -> Iterable[Question]:
        """Whether it is an instance of the type."""
        if contract.type is not None:
            yield Question("fits", contract.component, type=contract.type)

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each."""
        for contract in context.blocking.examinable:
            for question in self.ask(contract):
                answer = context.contracts.answer(contract, question)
                if answer is None or answer.holds is None:
                    yield self._unknown(contract, question, answer)
                elif not answer.holds and not self._is_double(context, contract):
                    yield self._finding(context, contract, answer)

    @staticmethod
    def _is_double(context: Context, contract: ComponentContract) -> bool:
        """A test double is reported as such: that it is not an instance of the type is the same fault."""
        component = context.recording.components.get(contract.component)
        return component is not None and bool(component.test_double)

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """What it is below."""
        return faults_above(finding, findings)

    def _unknown(self, contract: ComponentContract, question: Question, answer: Answer | None) -> Result:
        if answer is None:
            return self.not_run(contract, question)
        near = f"; did you mean `{answer.near}`?" if answer.near else ""
        return self.not_run(contract, question, f"its type cannot be determined: {answer.detail}{near}")

    @staticmethod
    def _loaded_twice(context: Context, contract: ComponentContract, answer: Answer) -> Cause | None:
        """The file that was loaded under two names, if the class is the one that is declared, from another module."""
        actual, _, name = answer.actual.partition(":")
        for wanted in contract.type.names if contract.type is not None else ():
            found = duplicate_of(context.observation, [actual])
            module, _, wanted_name = wanted.partition(":")
            if found is not None and wanted_name == name and module in found.names:
                return duplicate_cause(context.observation, [actual])
        return None

    def _finding(self, context: Context, contract: ComponentContract, answer: Answer) -> Finding:
        wanted = contract.type.text if contract.type else ""
        because = f": {answer.detail}" if answer.detail else ""
        message = f"is of type {display_type(answer.actual)}, not {display_type(wanted)}{because}"
        hint = "set an instance of the declared type, or declare another type, e.g. a base class or a union"
        if contract.type is not None and answer.actual in contract.type.names:
            module = answer.actual.partition(":")[0]
            message = (
                f"is of another class of the name {display_type(answer.actual)} than the one that `{module}` has now"
            )
            hint = f"set it after whatever defines the class again, such as a reload of `{module}`, or avoid that"
        return self.finding_for(
            contract,
            f"`{contract.component}` {message}",
            causes=(last_write_cause(context, contract), self._loaded_twice(context, contract, answer)),
            hint=hint,
        )


class TestDouble(Check):
    """## What it does

    Reports an object of `unittest.mock` in the state.

    ## Why it matters

    A mock accepts every attribute, so every other check of it passes. It got into the real startup through a test
    fixture or a flag.

    ## Example

    ```python
    app.state.llm = MagicMock()
    ```

    ## What to do

    Set the real object. In a configuration for tests, leave this code out with `--ignore NC207`.
    """

    __test__ = False  # not a test, whatever its name says to pytest

    code = "NC207"
    name = "test-double"
    family = COMPONENTS
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each, with or without a contract."""
        for component in context.observation.components:
            if not component.test_double:
                continue
            if component.address in context.blocking.suppressed:
                continue
            contract = context.contracts.by_component.get(component.address)
            wanted = contract.type.names if contract is not None and contract.type is not None else ()
            if any(name.startswith("unittest.mock:") for name in wanted):
                continue
            cause = cause_from_change(
                context.evidence.last_write(component.address), f"`{component.address}` was set here"
            )
            message = f"`{component.address}` is a test double: `{component.test_double}`"
            hint = "set the real object; a mock accepts every attribute, so checking it proves nothing"
            if contract is not None:
                yield self.finding_for(contract, message, causes=(cause,), hint=hint)
            else:
                yield self.finding(
                    message,
                    component=component.address,
                    causes=(cause,),
                    hint=hint,
                )


CHECKS: tuple[Check, ...] = (
    WrongType(),
    TestDouble(),
)
