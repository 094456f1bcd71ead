"""Checks of which object a component holds: NC303, NC304."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.components.component_type import TestDouble, WrongType
from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.evidence import cause_from_change
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.origins import duplicate_cause, origin
from netra_contracts.checks.engine.wording import INDEX, milliseconds, short_location
from netra_contracts.checks.order_and_wiring.family import ORDER_AND_WIRING
from netra_contracts.checks.order_and_wiring.ordering import LateForItsPhase, SetBeforeRequired
from netra_contracts.checks.order_and_wiring.wires import SAME_AS, BrokenWire, broken_wires, identity_questions
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.model.finding import Cause, Dependency, Finding
from netra_contracts.protocol.address import parse_address
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.observed.app_states import StaleReference, StateChange
from netra_contracts.protocol.plan import Question


def _earlier_write(context: Context, broken: BrokenWire) -> StateChange | None:
    """The write of an earlier object of the other component, if that is what the wire holds."""
    if not broken.answer.version or broken.answer.is_none:
        return None
    return next(
        (
            change
            for change in context.evidence.changes.get(broken.other, ())
            if change.operation == "set" and change.version == broken.answer.version
        ),
        None,
    )


def _loaded_twice(context: Context, broken: BrokenWire) -> Cause | None:
    """The file that was loaded under two names, if an object of the wire is from one of its modules."""
    other = context.recording.components.get(broken.other)
    types = [broken.answer.actual, other.type if other is not None else ""]
    classes = [name.partition(":")[0] for name in types if ":" in name]
    addressed = [parse_address(address).module for address in (broken.contract.component, broken.other)]
    return duplicate_cause(context.observation, [*classes, *addressed])


def _dependency(broken: BrokenWire) -> Dependency:
    return Dependency(component=broken.contract.component, other=broken.other, attribute=broken.path)


class WiredToAnother(Check):
    """## What it does

    Reports an attribute that must be the same object as another component, and is None, missing or another object; and
    a component that must be the very object that another one is (`same-as`), and is not.

    ## Why it matters

    The two components do not work together: for example, events are sent into a bridge that has no listeners.

    ## Example

    ```toml
    [tool.netra-contracts.components.execution_engine_factory]
    wires = { _websocket_bridge = "agent_websocket_bridge" }
    ```

    ```python
    app.state.execution_engine_factory = ExecutionEngineFactory(bridge=None)
    app.state.agent_websocket_bridge = AgentWebSocketBridge()
    ```

    A factory that startup configures, and a module that hands out another one:

    ```toml
    [tool.netra-contracts.components."myapp.agents:get_agent_instance_factory()"]
    same-as = "agent_instance_factory"
    ```

    ## What to do

    Create the holder after the component that it holds, and pass it the object from the state. Of two objects that must
    be one, create one, and let the other name refer to it. If one file was loaded as modules of two names, each has
    objects of its own: import it under one name.
    """

    code = "NC303"
    name = "wired-to-another-object"
    family = ORDER_AND_WIRING
    examines_component = True

    def ask(self, contract: ComponentContract) -> Iterable[Question]:
        """Whether each attribute is the same object as the other component."""
        return identity_questions(contract)

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each wire; one to an earlier object of the component is a stale reference."""
        for contract in context.blocking.examinable:
            for question in self.ask(contract):
                answer = context.contracts.answer(contract, question)
                if answer is None or answer.holds is None:
                    yield self.not_run(contract, question, self._unknown(question, answer))
        for broken in broken_wires(context):
            if _earlier_write(context, broken) is None:
                yield self._finding(context, broken)

    @staticmethod
    def _unknown(question: Question, answer: Answer | None) -> str:
        if answer is None:
            return ""
        return f"`{question.other}` is not set" if answer.reason == "other-not-set" else answer.detail

    def _finding(self, context: Context, broken: BrokenWire) -> Finding:
        contract, other = broken.contract, broken.other
        built, other_set = context.evidence.first_set(contract.component), context.evidence.first_set(other)
        message = f"`{broken.holder}` {self._what(broken)}"
        order = self._order(context, contract.component, built, other, other_set)
        return self.finding_for(
            contract,
            f"{message}: {order}" if order else message,
            subject=broken.subject,
            causes=(
                origin(context, contract.component, built, "was set here"),
                origin(context, other, other_set, "was first set here"),
                _loaded_twice(context, broken),
            ),
            hint=self._hint(broken, built, other_set),
            dependencies=(_dependency(broken),),
        )

    @staticmethod
    def _hint(broken: BrokenWire, built: StateChange | None, other_set: StateChange | None) -> str:
        """The order is the fault only if the other component was set later."""
        component, other = broken.contract.component, broken.other
        if not broken.path:
            return f"create the object once, and let `{component}` and `{other}` both be it"
        if parse_address(other).is_module_object and not broken.answer.missing:
            return f"pass `{other}` to `{component}` where it is created, or let it be what `{component}` holds"
        if broken.answer.near:
            return f"did you mean `{broken.answer.near}`?"
        if built is not None and other_set is not None and other_set.ms <= built.ms:
            return f"pass `{other}` from the state to `{component}` where it is created"
        return f"create `{component}` after `{other}`, and pass it the object from the state"

    @staticmethod
    def _what(broken: BrokenWire) -> str:
        if broken.answer.missing:
            detail = f" ({broken.answer.detail})" if broken.answer.detail else ""
            return f"does not exist{detail}"
        if broken.answer.is_none:
            return "is None"
        actual = broken.answer.actual.replace(":", ".")
        varies = f": {broken.answer.detail}" if broken.answer.detail else ""
        return f"is not the same object as `{broken.other}` (its type is `{actual}`){varies}"

    @staticmethod
    def _order(
        context: Context, component: str, built: StateChange | None, name: str, other: StateChange | None
    ) -> str:
        if built is None or other is None or built.compared or other.compared:
            return ""
        elapsed = milliseconds(context.evidence.elapsed_in_stage(built))
        place = short_location(built.location, other.location)
        first = f"`{component}` was set at {place}, {elapsed} after {built.stage} began"
        later = other.ms - built.ms
        when = f"{milliseconds(abs(later))} {'later' if later >= 0 else 'earlier'}"
        return f"{first}; `{name}` was first set at {short_location(other.location, built.location)}, {when}"

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """The other component was set too late, or the holder is of another type."""
        yield from findings.of(TestDouble, WrongType, component=finding.component)
        contract = context.contracts.by_component.get(finding.component)
        wires = {**contract.wires, SAME_AS: contract.same_as} if contract is not None else {}
        other = wires.get(finding.subject)
        yield from findings.of(SetBeforeRequired, LateForItsPhase, component=other) if other else ()


class HoldsReplaced(Check):
    """## What it does

    Reports a component that holds a stale reference: an object that was later replaced in the state. An object of a
    module that a contract names counts as a component that may be replaced, and as one that may hold what was replaced.

    ## Why it matters

    The state shows the new object, so everything looks correct, while the holder uses the old one.

    ## Example

    ```python
    app.state.bridge = Bridge()
    app.state.engine_factory = EngineFactory(app.state.bridge)
    app.state.bridge = Bridge()  # the factory keeps the first one
    ```

    ## What to do

    Set each component once, or update its holders.
    """

    code = "NC304"
    name = "holds-replaced-object"
    family = ORDER_AND_WIRING
    examines_component = True
    judges_questions_of = (WiredToAnother,)
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each attribute that holds one: wires of contracts first, then observed references."""
        wired, reported = set(), set()
        for broken in broken_wires(context):
            earlier = _earlier_write(context, broken)
            wired.add((broken.contract.component, broken.other))
            if earlier is not None:
                message, causes, hint = self._wording(context, broken.holder, broken.other, earlier)
                yield self.finding_for(
                    broken.contract,
                    message,
                    subject=broken.subject,
                    causes=causes,
                    hint=hint,
                    dependencies=(_dependency(broken),),
                )
        for held in context.observation.stale_references:
            subject = INDEX.sub("[]", held.path)
            known = (held.holder, held.component) in wired or (held.holder, subject) in reported
            if not known and held.holder not in context.blocking.suppressed:
                reported.add((held.holder, subject))
                yield self._observed(context, held, subject)

    def as_seen_in_state(
        self, component: str | None, subject: str | None, contracts: Iterable[ComponentContract]
    ) -> Iterable[tuple[type[Check], str | None, str | None]]:
        """An object that was replaced is another object than the one in the state."""
        for contract in contracts:
            for path in (*contract.wires, *([SAME_AS] if contract.same_as else [])):
                if component in (None, contract.component) and subject in (None, path):
                    yield WiredToAnother, contract.component, path

    def _observed(self, context: Context, held: StaleReference, subject: str) -> Finding:
        earlier = next(
            (change for change in context.evidence.changes.get(held.component, ()) if change.version == held.version),
            None,
        )
        dot = "" if not held.path or held.path.startswith("[") else "."
        message, causes, hint = self._wording(context, f"{held.holder}{dot}{held.path}", held.component, earlier)
        return self.finding(
            message,
            component=held.holder,
            subject=subject,
            causes=causes,
            hint=hint,
            dependencies=(Dependency(component=held.holder, other=held.component, attribute=held.path),),
        )

    @staticmethod
    def _wording(
        context: Context, path: str, other: str, earlier: StateChange | None
    ) -> tuple[str, tuple[Cause | None, ...], str]:
        causes = (
            cause_from_change(context.evidence.last_write(other), f"`{other}` was replaced here"),
            cause_from_change(earlier, f"the object that is still held was set as `{other}` here"),
        )
        message = f"`{path}` holds a stale reference: `{other}` was replaced"
        return message, causes, f"set `{other}` once, or update its holders"


CHECKS: tuple[Check, ...] = (
    WiredToAnother(),
    HoldsReplaced(),
)
