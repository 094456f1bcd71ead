"""Checks of the order in which components were set: NC301, NC302."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.evidence import cause_from_change
from netra_contracts.checks.engine.statuses.blocking import BLOCKING_STATUSES
from netra_contracts.checks.engine.wording import milliseconds, short_location
from netra_contracts.checks.order_and_wiring.family import ORDER_AND_WIRING
from netra_contracts.checks.order_and_wiring.wires import broken_wires
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.model.finding import Cause, Dependency, Finding, NotRun
from netra_contracts.protocol.observed.app_states import StateChange


class Inversion(NamedTuple):
    """`later` was set after `earlier`, which depends on it."""

    earlier: ComponentContract
    later: str
    earlier_change: StateChange
    later_change: StateChange


def inversions(context: Context) -> Iterator[Inversion]:
    """Pairs along `requires` and `wires` that were set in the wrong order, by the first write that was not None.

    A pair with a broken wire is left out, since the broken wire is reported. So is a pair whose phases are both marked,
    since the marks decide, and one whose later component is late for its marked phase, which is reported as well. The
    keys of one mapping have no order, and what a lifespan yields was created before it is yielded.
    """
    wired_wrong = {(wire_.contract.component, wire_.other) for wire_ in broken_wires(context)}
    for contract in context.blocking.judged:
        mine = context.evidence.first_set(contract.component)
        if mine is None or mine.compared:
            continue
        for name in contract.set_after:
            other = context.evidence.first_set(name)
            if other is None or other.compared or other.seq < mine.seq or (contract.component, name) in wired_wrong:
                continue
            if other.yielded or (other.batch and other.batch == mine.batch):
                continue
            if context.statuses.of(name) != "late" and not _both_marked(context, contract, name):
                yield Inversion(contract, name, mine, other)


def _dependency(inversion: Inversion) -> Dependency:
    return Dependency(component=inversion.earlier.component, other=inversion.later)


def _both_marked(context: Context, contract: ComponentContract, name: str) -> bool:
    other = context.contracts.by_component.get(name)
    return (
        other is not None
        and context.contracts.is_judged_at_mark(contract)
        and context.contracts.is_judged_at_mark(other)
    )


def _names_other_phase(context: Context, inversion: Inversion) -> bool:
    later = context.contracts.by_component.get(inversion.later)
    return (
        later is not None
        and None not in (later.phase, inversion.earlier.phase)
        and later.phase != inversion.earlier.phase
    )


def _is_order_known(context: Context, contract: ComponentContract) -> bool:
    """Whether a contract was judged, and its component was seen to be set, before or after what it depends on.

    The order along a broken wire is left to the finding about the wire.
    """
    mine = context.evidence.first_set(contract.component)
    is_judged = contract.component not in context.blocking.suppressed and contract in context.contracts.in_scope
    wired_wrong = any(broken.contract is contract for broken in broken_wires(context))
    return is_judged and mine is not None and not mine.compared and not wired_wrong


def _is_judged(context: Context, component: str) -> bool:
    """Whether it matters when a component was set: one that is missing, None or lost has a finding about that."""
    return component not in context.blocking.suppressed and context.statuses.of(component) not in BLOCKING_STATUSES


class LateForItsPhase(Check):
    """## What it does

    Reports a component that was not set by the end of its phase, but later. If the application marks its phases, the
    component must exist when the block of the phase ends. Otherwise order is checked along `requires` and `wires`
    only: a component of an earlier phase was set after a component of a later phase that depends on it.

    ## Why it matters

    Components that were created in between were created without it, and may hold None or a placeholder.

    ## Example

    ```python
    app.state.engine_factory = EngineFactory(app)  # phase integration, requires the bridge
    app.state.bridge = Bridge()  # phase configuration
    ```

    ## What to do

    Set it earlier, or declare a later phase in its contract.
    """

    code = "NC301"
    name = "late-for-its-phase"
    family = ORDER_AND_WIRING
    examines_component = True

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each late component, however many components depend on it."""
        for contract in context.blocking.judged:
            if context.statuses.of(contract.component) == "late":
                yield self._after_mark(context, contract)
        late: dict[str, list[Inversion]] = {}
        for inversion in inversions(context):
            if _names_other_phase(context, inversion) and _is_judged(context, inversion.later):
                late.setdefault(inversion.later, []).append(inversion)
        for name, found in late.items():
            yield self._after_dependents(context, name, found)

    def concludes(self, context: Context, component: str | None) -> bool:
        """Whether the order is known of each contract that depends on the component."""
        if component is not None and not _is_judged(context, component):
            return False
        dependants = (each for each in context.contracts.by_component.values() if each.set_after)
        return all(
            _is_order_known(context, contract)
            for contract in dependants
            if component is None or component in contract.set_after
        )

    def _after_mark(self, context: Context, contract: ComponentContract) -> Finding:
        mark = context.recording.marked_phases[context.contracts.judged_at(contract)]
        ended = mark.start_ms + mark.ms
        change = context.evidence.first_set(contract.component, after=mark.last_seq)
        was_set = "it was set later"
        if change is not None and not change.compared:
            late = f", {milliseconds(change.ms - ended)} after the phase ended" if change.ms > ended else ""
            was_set = f"it was set at {short_location(change.location)}{late}"
        end = Cause(message=f"{mark.phase} ended here", location=mark.location, ms=ended)
        return self.finding_for(
            contract,
            f"`{contract.component}` is late for {mark.phase}: {was_set}",
            causes=(cause_from_change(change, f"`{contract.component}` was set here"), end),
            hint=f"set it before {mark.phase} ends, or declare a later phase in its contract",
        )

    def _after_dependents(self, context: Context, name: str, found: list[Inversion]) -> Finding:
        contract = context.contracts.by_component[name]
        users = ", ".join(f"`{inversion.earlier.component}`" for inversion in found[:3])
        users += f" and {len(found) - 3} more" if len(found) > 3 else ""
        verbs = "depends on it, was" if len(found) == 1 else "depend on it, were"
        phase = contract.phase.value if contract.phase else ""
        first = found[0]
        delay = milliseconds(first.later_change.ms - first.earlier_change.ms)
        causes = [context.evidence.cause_of_first_set(name)]
        causes += [
            cause_from_change(
                inversion.earlier_change, f"`{inversion.earlier.component}`, which depends on it, was set here"
            )
            for inversion in found[:5]
        ]
        return self.finding_for(
            contract,
            f"`{name}` is late for {phase}: {users}, which {verbs} set {delay} earlier",
            causes=causes,
            hint=f"set `{name}` before {users}, or declare other phases",
            dependencies=map(_dependency, found),
        )


class SetBeforeRequired(Check):
    """## What it does

    Reports a component that was set before one that it requires or is wired to, if both belong to the same phase or to
    none.

    ## Why it matters

    It was created when the component that it depends on did not exist. That it works today may depend on chance.

    ## Example

    ```toml
    [tool.netra-contracts.components.engine_factory]
    requires = ["bridge"]
    ```

    ```python
    app.state.engine_factory = EngineFactory()
    app.state.bridge = Bridge()
    ```

    ## What to do

    Set the required component first.
    """

    code = "NC302"
    name = "set-before-required"
    family = ORDER_AND_WIRING
    examines_component = True
    required = False

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each pair."""
        yield from self._unknown(context)
        for inversion in inversions(context):
            if _names_other_phase(context, inversion):
                continue
            contract = inversion.earlier
            delay = milliseconds(inversion.later_change.ms - inversion.earlier_change.ms)
            yield self.finding_for(
                contract,
                f"`{contract.component}` was set {delay} before `{inversion.later}`, which it requires",
                subject=inversion.later,
                causes=(
                    cause_from_change(inversion.earlier_change, f"`{contract.component}` was first set here"),
                    cause_from_change(inversion.later_change, f"`{inversion.later}` was first set here"),
                ),
                hint=f"set `{inversion.later}` first",
                dependencies=(_dependency(inversion),),
            )

    def concludes(self, context: Context, component: str | None) -> bool:
        """Whether the order is known of the contract of the component."""
        contracts = context.contracts.by_component
        chosen = contracts.values() if component is None else filter(None, [contracts.get(component)])
        return all(_is_order_known(context, contract) for contract in chosen if contract.set_after)

    def _unknown(self, context: Context) -> Iterable[NotRun]:
        """Pairs whose order is unknown, because the writes of one were not seen."""
        for contract in context.blocking.judged:
            mine = context.evidence.first_set(contract.component)
            for name in contract.set_after if mine is not None else ():
                other = context.evidence.first_set(name)
                if mine is None or other is None or contract.is_judged_after_startup:
                    continue  # when a provider is called says nothing
                if mine.compared or other.compared:
                    yield NotRun(
                        code=self.code,
                        component=contract.component,
                        subject=name,
                        reason="the order is unknown: writes of one of the two are not seen",
                    )


CHECKS: tuple[Check, ...] = (
    LateForItsPhase(),
    SetBeforeRequired(),
)
