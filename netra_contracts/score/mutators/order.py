"""Components that are set in another order, or after the phase that they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import ClassVar

from netra_contracts.contracts.inference import infer_terms
from netra_contracts.model.score import Term
from netra_contracts.protocol.observed.app_states import StateChange
from netra_contracts.protocol.observed.observation import MarkedPhase
from netra_contracts.protocol.record import replace
from netra_contracts.score import edits
from netra_contracts.score.facts import ComponentFacts, Edit, Facts
from netra_contracts.score.mutant import Equivalent, Mutant, Mutator
from netra_contracts.score.mutators.presence import is_optional


class SwappedWrites(Mutator):
    """A component is set before the one that it depends on."""

    kind = "order"
    rules: ClassVar[Mapping[str, str]] = {
        "unknown order": "a write was not seen, or both are keys of one mapping",
        "yielded": "what a lifespan yields was created before it is yielded",
        "set later": "the other component is set later in the recording as well",
        "set again": "the other component is set several times before",
        "marks decide": "both contracts name a phase that the application marks, and hold at its end either way",
    }

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One for each pair of components of which one depends on the other, by a contract or as observed."""
        pairs: dict[tuple[str, str], None] = {}
        for contract in facts.recording.contracts:
            pairs.update(((contract.component, other), None) for other in contract.depends_on)
        pairs.update(((wire.holder, wire.other), None) for wire in facts.wires)
        for holder, other in pairs:
            mine, first = facts.first_set(holder), facts.first_set(other)
            if mine is None or first is None:
                continue
            rule = self._rule(facts, holder, other, mine, first)
            if rule:
                yield self.left_out(holder, rule, fact=other)
            else:
                yield self.mutant(
                    holder,
                    f"it is set before `{other}`",
                    _swapped(facts, holder, other, mine, first),
                    fact=other,
                    term=self._term(facts, holder, other),
                )

    @staticmethod
    def _term(facts: Facts, holder: str, other: str) -> Term:
        """A reference, which requires this order as well, if there is one; else the order."""
        paths = (wire.path for wire in facts.wires if (wire.holder, wire.other) == (holder, other))
        path = next(paths, "")
        if path:
            return Term(component=holder, key="wires", value={path: other})
        return Term(component=holder, key="requires", value=(other,))

    @staticmethod
    def _rule(facts: Facts, holder: str, other: str, mine: StateChange, first: StateChange) -> str:
        if mine.compared or first.compared or (mine.batch and mine.batch == first.batch):
            return "unknown order"
        if first.seq > mine.seq:
            return "set later"
        if first.yielded or mine.yielded:
            return "yielded"
        before = [change for change in facts.components[other].changes if first.seq < change.seq < mine.seq]
        if any(change.operation in ("set", "delete") for change in before):
            return "set again"
        return "marks decide" if _decided_by_marks(facts, holder, other, mine) else ""


def _decided_by_marks(facts: Facts, holder: str, other: str, mine: StateChange) -> bool:
    """Whether both are judged at the end of a phase, and the other one is there at the end of its own either way."""
    marked = {mark.phase: mark for mark in facts.marks}
    contracts = [facts.contracts.get(address) for address in (holder, other)]
    if any(contract is None or contract.phase is None or contract.phase.value not in marked for contract in contracts):
        return False
    phase = contracts[1].phase if contracts[1] is not None else None
    return phase is not None and marked[phase.value].last_seq >= mine.seq


def _swapped(facts: Facts, holder: str, other: str, mine: StateChange, first: StateChange) -> Edit:
    """Both writes change their times; phases that end between them end without the other component."""
    phases = tuple(edits.phases_between(facts, first.seq, mine.seq))
    edit = edits.late(facts, other, phases, _moved(facts.components[other], first, mine))
    own = edit.components.get(holder, facts.components[holder])
    return edit._replace(components={**edit.components, holder: own._replace(changes=_moved(own, mine, first))})


def _moved(known: ComponentFacts, change: StateChange, to: StateChange) -> tuple[StateChange, ...]:
    """The state changes of a component, of which one happens when another one did."""
    when = replace(change, seq=to.seq, ms=to.ms, stage=to.stage, busy_ms=to.busy_ms)
    return tuple(sorted((when if each is change else each for each in known.changes), key=lambda each: each.seq))


class LateForPhase(Mutator):
    """A component is set only after the end of the marked phase at whose end it was there."""

    kind = "late"
    rules: ClassVar[Mapping[str, str]] = {"optional": "the contract says that the component may be absent"}

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One for each component that was there at the end of a marked phase."""
        marked = {mark.phase: mark for mark in facts.marks}
        for address in facts.present if marked else ():
            phase = _phase(facts, address)
            first = facts.first_set(address)
            if phase not in marked or first is None or first.seq > marked[phase].last_seq:
                continue
            if is_optional(facts, address):
                yield self.left_out(address, "optional", fact=phase)
                continue
            yield self.mutant(
                address,
                f"it is set after the end of the {phase} phase",
                _set_after(facts, address, marked[phase]),
                fact=phase,
                term=Term(component=address, key="phase", value=phase, proven=_holds_at_mark(facts, address, phase)),
            )


def _phase(facts: Facts, address: str) -> str:
    """The phase of a component's contract, else the first one at whose end it was as it is at the end of startup."""
    contract = facts.contracts.get(address)
    if contract is not None and contract.phase is not None:
        return contract.phase.value
    return _phases(facts).get(address, "")


@cache
def _phases(facts: Facts) -> Mapping[str, str]:
    return {address: terms.phase for address, terms in infer_terms(facts.observation).items()}


def _holds_at_mark(facts: Facts, address: str, phase: str) -> bool:
    """Whether all that the contract says is known to hold at the end of a phase: it does of the same object."""
    contract = facts.contracts.get(address)
    if contract is None:
        return True
    if contract.attributes or contract.bounds or contract.same_as:
        return False
    then = next((each for each in facts.components[address].described if each.moment == phase), None)
    return then is not None and contract.wires.items() <= then.wires.items()


def _set_after(facts: Facts, address: str, mark: MarkedPhase) -> Edit:
    """The last write of the phase happens right after its end, those before it never."""
    known = facts.components[address]
    early = [change for change in known.changes if change.operation == "set" and change.seq <= mark.last_seq]
    later = [change for change in known.changes if change.seq > mark.last_seq]
    moved = replace(early[-1], seq=mark.last_seq + 1, ms=mark.start_ms + mark.ms)
    phases = [each.phase for each in facts.marks if each.last_seq <= mark.last_seq]
    return edits.late(facts, address, phases, (moved, *later))


class MarkMissing(Mutator):
    """The application does not mark a phase: contracts of that phase are judged at the end of startup."""

    kind = "mark"
    rules: ClassVar[Mapping[str, str]] = {
        "only mark": "it is the only mark: without any, phases are inferred",
        "empty": "no component is there first at the end of this phase",
    }

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One for each marked phase."""
        for mark in facts.marks:
            term = self._term(facts, mark.phase)
            if len(facts.marks) == 1:
                yield self.left_out("", "only mark", fact=mark.phase)
            elif term is None:
                yield self.left_out("", "empty", fact=mark.phase)
            else:
                description = f"the {mark.phase} phase is not marked"
                yield self.mutant("", description, _without_mark(facts, mark), fact=mark.phase, term=term)

    @staticmethod
    def _term(facts: Facts, phase: str) -> Term | None:
        """The phase of a component that belongs to it; None: none does."""
        address = next((address for address in facts.present if _phase(facts, address) == phase), None)
        if address is None:
            return None
        return Term(component=address, key="phase", value=phase, proven=_holds_at_mark(facts, address, phase))


def _without_mark(facts: Facts, mark: MarkedPhase) -> Edit:
    changed = {
        address: known._replace(
            answers=tuple(answer for answer in known.answers if answer.moment != mark.phase),
            described=tuple(each for each in known.described if each.moment != mark.phase),
        )
        for address, known in facts.components.items()
        if mark.phase in {*(each.moment for each in known.answers), *(each.moment for each in known.described)}
    }
    return Edit(changed, marks=tuple(each for each in facts.observation.marked_phases if each.phase != mark.phase))


MUTATORS: tuple[Mutator, ...] = (SwappedWrites(), LateForPhase(), MarkMissing())
