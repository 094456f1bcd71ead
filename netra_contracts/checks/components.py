"""NC201 to NC208: one component, and what its contract says of it."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.engine.check import Check, Context, Result, allows_none
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.errors import did_you_mean
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.observation import Answer
from netra_contracts.protocol.plan import Question

#: When more components are missing than these, that is no misspelling, and looking for near names would take long.
_MOST_MISSPELT = 20


def type_shown(name: str) -> str:
    """`module:qualname` as a reader expects it."""
    return f"`{name.replace(':', '.')}`"


class ComponentMissing(Check):
    """## What it does

    Reports a component that its contract, or another component's, asks for and that was never set.

    ## Why it matters

    The first request that needs it fails with `'State' object has no attribute ...`.

    ## Example

    ```toml
    [tool.netra-contracts.components.pool]
    phase = "initialization"
    ```

    ```python
    app.state.poool = Pool()
    ```

    ## What to do

    Set it in the startup, or correct the name: the nearest one that was set is given. If it may be absent, say
    `optional = true`.
    """

    code = "NC201"
    name = "component-missing"

    def ask(self, contract: ComponentContract) -> Iterable[Question]:
        """Is it there?"""
        return (Question("present", contract.component),)

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each missing component, declared or only required."""
        for contract in context.judged:
            question = Question("present", contract.component)
            if context.answer(contract, question) is None and context.started:
                yield self.unanswered(contract, question)
        missing = {
            contract.component: contract
            for contract in context.judged
            if context.status(contract.component) == "missing"
        }
        missing.update({name: user for name, user in context.needed.items() if context.status(name) == "missing"})
        may_be_misspelt = len(missing) <= _MOST_MISSPELT
        for name, contract in missing.items():
            near = did_you_mean(name, context.recording.components) if may_be_misspelt else ""
            yield self._finding(context, contract, name, near)

    def _finding(self, context: Context, contract: ComponentContract, name: str, near: str) -> Finding:
        elsewhere = context.namesakes.get(name.rpartition(":")[2], ())
        if elsewhere:
            near = f"it is set as `{elsewhere[0]}`: name it so in the contract, or read it there"
        finding = self.broken(
            contract,
            f"`{name}` was never set",
            causes=context.needed_by(name) if name != contract.component else (),
            hint=near or "set it in the startup, or say `optional = true` if it may be absent",
            location=contract.origin.location,
        )
        return finding.model_copy(update={"component": name})


class ComponentNone(Check):
    """## What it does

    Reports a component that is None at the end of its phase. Without a contract this is a note: many are
    None by design.

    ## Why it matters

    A startup that catches an exception and writes None answers "healthy", and fails in a user's request.

    ## Example

    ```python
    try:
        app.state.pool = await connect()
    except OSError:
        app.state.pool = None
    ```

    ## What to do

    Let the startup fail, or say in the contract that None is fine: `type = "myapp.ws:Pool | None"`.
    """

    code = "NC202"
    name = "component-none"

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each."""
        for contract in context.judged:
            if context.status(contract.component) == "none":
                yield self.broken(
                    contract,
                    f"`{contract.component}` is None",
                    causes=(self._cause(context, contract.component, self._end(context, contract)),),
                    hint="let the startup fail instead, or allow None in the contract's type",
                )
        for name, user in context.needed.items():
            if context.status(name) == "none":
                finding = self.broken(
                    user,
                    f"`{name}` is None, and others stand on it",
                    causes=(self._cause(context, name), *context.needed_by(name)),
                    hint="let the startup fail instead of writing None",
                )
                yield finding.model_copy(update={"component": name})
        yield from self._undeclared(context)

    @staticmethod
    def _end(context: Context, contract: ComponentContract) -> int | None:
        """The number of the last event at which the contract was judged; None: all of startup."""
        mark = context.recording.marks.get(context.moment(contract))
        return mark.last_seq if mark is not None else None

    @staticmethod
    def _cause(context: Context, address: str, until: int | None = None) -> Cause | None:
        return context.written(context.last_write(address, until), "None was written here")

    def _undeclared(self, context: Context) -> Iterable[Finding]:
        for component in context.observation.components:
            address = component.address
            known = address in context.by_component or address in context.needed
            if component.is_none and not known and context.status(address) == "none":
                cause = self._cause(context, address)
                yield Finding(
                    code=self.code,
                    severity=Severity.NOTE,
                    message=f"`{address}` was left None",
                    component=address,
                    location=cause.location if cause else None,
                    causes=() if cause is None else (cause,),
                    hint="a contract tells whether that is by design",
                )


class WrongType(Check):
    """## What it does

    Reports a component that is not an instance of its contract's type, judged on its real class and that class's real
    bases. A proxy passes if what it wraps (`__wrapped__`) does.

    ## Why it matters

    The attribute is there, so nothing complains until a method is missing.

    ## Example

    ```toml
    type = "myapp.ws:WebSocketConnectionPool"
    ```

    ```python
    app.state.websocket_connection_pool = {}
    ```

    ## What to do

    Set an instance of the declared type, or declare what is really meant: a base class, a protocol, a union.
    """

    code = "NC203"
    name = "wrong-type"

    def ask(self, contract: ComponentContract) -> Iterable[Question]:
        """Does it fit?"""
        if contract.type is not None:
            yield Question("fits", contract.component, type=contract.type)

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each."""
        for contract in context.examinable_contracts:
            for question in self.ask(contract):
                answer = context.answer(contract, question)
                if answer is None or answer.holds is None:
                    yield self._unknown(contract, question, answer)
                elif not answer.holds and not self._is_double(context, contract):
                    yield self._finding(context, contract, answer)

    @staticmethod
    def _is_double(context: Context, contract: ComponentContract) -> bool:
        """A test double is told as such (NC207): that it fits no type is the same fault."""
        component = context.recording.components.get(contract.component)
        return component is not None and bool(component.double)

    def _unknown(self, contract: ComponentContract, question: Question, answer: Answer | None) -> Result:
        if answer is None:
            return self.unanswered(contract, question)
        near = f"; did you mean `{answer.near}`?" if answer.near else ""
        return self.unanswered(contract, question, f"its type cannot be told: {answer.note}{near}")

    def _finding(self, context: Context, contract: ComponentContract, answer: Answer) -> Finding:
        wanted = contract.type.text if contract.type else ""
        because = f": {answer.note}" if answer.note else ""
        return self.broken(
            contract,
            f"`{contract.component}` is of type {type_shown(answer.actual)}, not {type_shown(wanted)}{because}",
            causes=(_set_here(context, contract),),
            hint="set an instance of the declared type, or declare what is meant: a base, a protocol, a union",
        )


class AttributeMissing(Check):
    """## What it does

    Reports an attribute that a contract lists under `attributes` and that is missing, or None. Paths may be dotted.

    ## Why it matters

    The component was built but not set up.

    ## Example

    ```toml
    attributes = ["_client", "settings.dsn"]
    ```

    ## What to do

    Set it before the component goes into the state, or correct the path. An attribute that only a `__getattr__` gives
    counts if that refuses a name nobody has.
    """

    code = "NC204"
    name = "attribute-missing"

    def ask(self, contract: ComponentContract) -> Iterable[Question]:
        """Does each path lead to something?"""
        return (Question("attribute", contract.component, path=path) for path in contract.attributes)

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each path."""
        for contract in context.examinable_contracts:
            for question in self.ask(contract):
                answer = context.answer(contract, question)
                if answer is None or answer.holds is None:
                    yield self.unanswered(contract, question, answer.note if answer else "")
                elif not answer.holds:
                    yield self._finding(context, contract, question, answer)

    def _finding(self, context: Context, contract: ComponentContract, question: Question, answer: Answer) -> Finding:
        path = f"`{contract.component}.{question.path}`"
        if answer.missing:
            step = f" (no `{answer.missing}`)" if answer.missing != question.path else ""
            message = f"{path} does not exist{step}" + (f": {answer.note}" if answer.note else "")
        else:
            message = f"{path} is None"
        return self.broken(
            contract,
            message,
            subject=question.path,
            causes=(_set_here(context, contract),),
            hint=f"did you mean `{answer.near}`?" if answer.near else "set it before the component goes into the state",
        )


def _method_questions(contract: ComponentContract) -> Iterable[Question]:
    return (
        Question(
            "method", contract.component, path=method.name, signature=method.signature, asynchronous=method.asynchronous
        )
        for method in contract.methods
    )


def _set_here(context: Context, contract: ComponentContract) -> Cause | None:
    return context.written(context.last_write(contract.component), f"`{contract.component}` was set here")


def _is_signature(answer: Answer) -> bool:
    return answer.note.startswith("signature: ")


class MethodMissing(Check):
    """## What it does

    Reports a method that a contract lists and that is missing, is not callable, or is not async although it is listed
    under `async-methods`.

    ## Why it matters

    An `AttributeError`, or an `await` on something that cannot be awaited, in the middle of a request.

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
        """Is each method there, and does it accept the call?"""
        return _method_questions(contract)

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each method."""
        for contract in context.examinable_contracts:
            for question in _method_questions(contract):
                answer = context.answer(contract, question)
                if answer is None:
                    yield self.unanswered(contract, question)
                elif answer.holds is None and not question.signature:  # with one, NC206 says so
                    yield self.unanswered(contract, question, answer.note)
                elif answer.holds is False and not _is_signature(answer):
                    yield self._finding(context, contract, question, answer)

    def _finding(self, context: Context, contract: ComponentContract, question: Question, answer: Answer) -> Finding:
        path = f"`{contract.component}.{question.path}`"
        if answer.missing:
            message = f"{path} does not exist" + (f": {answer.note}" if answer.note else "")
            hint = f"did you mean `{answer.near}`?" if answer.near else "add the method, or correct its name"
        elif answer.note == "not async":
            message, hint = f"{path} is not async", "make it a coroutine function, or list it under `methods`"
        else:
            message = f"{path} is not callable: it is of type {type_shown(answer.actual)}"
            hint = "list it under `attributes` if it is none"
        return self.broken(contract, message, subject=question.path, causes=(_set_here(context, contract),), hint=hint)


class SignatureDoesNotFit(Check):
    """## What it does

    Reports a method that does not accept a call of the shape that its contract gives.

    ## Why it matters

    A `TypeError` at the first call, typically after a parameter was added on one side only.

    ## Example

    ```toml
    methods = ["emit_event(event, data)"]
    ```

    ```python
    def emit_event(self, event): ...
    ```

    ## What to do

    Change the method, or the shape in the contract. Parameters are passed by position, those after `*` by name.
    """

    code = "NC206"
    name = "signature-does-not-fit"

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each method."""
        for contract in context.examinable_contracts:
            for question in _method_questions(contract):
                answer = context.answer(contract, question)
                if answer is None or not question.signature:
                    continue
                if answer.holds is None:
                    yield self.unanswered(contract, question, answer.note)
                elif _is_signature(answer):
                    reason = answer.note.removeprefix("signature: ")
                    call = f"`{contract.component}.{question.path}{question.signature}`"
                    yield self.broken(
                        contract,
                        f"{call} would fail: {reason}",
                        subject=question.path,
                        location=answer.location,
                        causes=(_set_here(context, contract),),
                        hint="change the method, or the shape in the contract",
                    )


class TestDouble(Check):
    """## What it does

    Reports a `unittest.mock` object in the state.

    ## Why it matters

    A mock answers to every name, so everything seems to be there. It got into the real startup through a test fixture
    or a flag.

    ## Example

    ```python
    app.state.llm = MagicMock()
    ```

    ## What to do

    Set the real object. In a configuration meant for tests, leave the code out with `--ignore NC207`.
    """

    __test__ = False  # not a test, whatever its name says to pytest

    code = "NC207"
    name = "test-double"
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each, with or without a contract."""
        for component in context.observation.components:
            if not component.double:
                continue
            if component.address in context.silenced:
                continue
            contract = context.by_component.get(component.address)
            wanted = contract.type.names if contract is not None and contract.type is not None else ()
            if any(name.startswith("unittest.mock:") for name in wanted):
                continue
            cause = context.written(context.last_write(component.address), f"`{component.address}` was set here")
            message = f"`{component.address}` is a test double: `{component.double}`"
            hint = "set the real object; a mock answers to every name and proves nothing"
            if contract is not None:
                yield self.broken(contract, message, causes=(cause,), hint=hint)
            else:
                yield Finding(
                    code=self.code,
                    severity=self.severity,
                    message=message,
                    component=component.address,
                    location=cause.location if cause else None,
                    causes=() if cause is None else (cause,),
                    hint=hint,
                )


class ConstraintBroken(Check):
    """## What it does

    Reports a plain value for which a constraint of its contract does not hold (`gt`, `ge`, `lt`, `le`, `multiple-of`,
    `min-length`, `max-length`, `pattern`). It is compared in the target's process; the value is not shown.

    ## Why it matters

    A timeout of 0, an empty secret, a port out of range: each is set, of the right type, and wrong.

    ## Example

    ```toml
    [tool.netra-contracts.components.request_timeout]
    type = "float"
    gt = 0
    ```

    ## What to do

    Correct the setting it comes from.
    """

    code = "NC208"
    name = "constraint-broken"

    def ask(self, contract: ComponentContract) -> Iterable[Question]:
        """Does each constraint hold?"""
        return (
            Question("bound", contract.component, operator=bound.operator, operand=bound.operand)
            for bound in contract.bounds
        )

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each constraint."""
        for contract in context.examinable_contracts:
            for name in contract.uncheckable:
                question = Question("bound", contract.component, operator=name)
                yield self.unanswered(contract, question, f"`{name}` cannot be answered without the value")
            for question in self.ask(contract):
                answer = context.answer(contract, question)
                if answer is None or answer.holds is None:
                    yield self.unanswered(contract, question, answer.note if answer else "")
                elif not answer.holds:
                    operator = question.operator.replace("_", "-")
                    yield self.broken(
                        contract,
                        f"`{contract.component}` breaks its constraint `{operator} = {question.operand!r}`",
                        subject=question.operator,
                        causes=(context.written(context.last_write(contract.component), "it was set here"),),
                        hint="correct the setting it comes from; the value itself is not shown",
                    )


CHECKS: tuple[Check, ...] = (
    ComponentMissing(),
    ComponentNone(),
    WrongType(),
    AttributeMissing(),
    MethodMissing(),
    SignatureDoesNotFit(),
    TestDouble(),
    ConstraintBroken(),
)
__all__ = ["CHECKS", "allows_none", "type_shown"]
