"""A component that refers to another object than the one in the state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import ClassVar

from netra_contracts.model.score import Term
from netra_contracts.protocol.address import parse_address
from netra_contracts.protocol.observed.app_states import StaleReference
from netra_contracts.protocol.record import replace
from netra_contracts.score import edits
from netra_contracts.score.facts import ComponentFacts, Edit, Facts, Wire
from netra_contracts.score.mutant import Equivalent, Mutant, Mutator

_SET_LATER = "the other component is set after the one that refers to it: no contract can require that reference"


def _is_set_later(facts: Facts, wire: Wire) -> bool:
    """Whether no contract can name a reference: `wires` requires that the other component is set first."""
    contract = facts.contracts.get(wire.holder)
    if contract is not None and contract.wires.get(wire.path) == wire.other:
        return False
    holder, other = facts.first_set(wire.holder), facts.first_set(wire.other)
    if holder is None or other is None or holder.compared or other.compared:  # then the order is not checked
        return False
    return other.seq > holder.seq


def _term(wire: Wire) -> Term:
    return Term(component=wire.holder, key="wires", value={wire.path: wire.other})


class EqualCopy(Mutator):
    """An attribute that is another component is an equal copy of it."""

    kind = "copy"
    rules: ClassVar[Mapping[str, str]] = {"set later": _SET_LATER}

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One for each attribute that is known to be a component."""
        for wire in facts.wires:
            if _is_set_later(facts, wire):
                yield self.left_out(wire.holder, "set later", fact=wire.path)
                continue
            described = f"its `{wire.path}` is an equal copy of `{wire.other}`"
            edit = Edit({wire.holder: edits.wired_to(facts, wire, "")})
            yield self.mutant(wire.holder, described, edit, fact=wire.path, term=_term(wire))


class OlderObject(Mutator):
    """A component is replaced at the end of startup, and an attribute of another one keeps the older object."""

    kind = "older-object"
    rules: ClassVar[Mapping[str, str]] = {
        "set later": _SET_LATER,
        "not written": "no write of the other component was recorded, which could be made twice",
    }
    _VERSION = "an object that was replaced"

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One for each attribute that is known to be a component."""
        for wire in facts.wires:
            first = facts.first_set(wire.other)
            if _is_set_later(facts, wire):
                yield self.left_out(wire.holder, "set later", fact=wire.path)
            elif first is None or first.stage not in ("import", "build", "startup"):
                yield self.left_out(wire.holder, "not written", fact=wire.path)
            else:
                described = f"its `{wire.path}` keeps an older object of `{wire.other}`, which was replaced"
                edit = Edit(self._replaced(facts, wire))
                yield self.mutant(wire.holder, described, edit, fact=wire.path, term=_term(wire))

    def _replaced(self, facts: Facts, wire: Wire) -> dict[str, ComponentFacts]:
        """All writes of the other component set the older object, and a further one sets that which is there now."""
        known = facts.components[wire.other]
        last = [change for change in known.changes if change.operation == "set" and not change.is_none][-1]
        older = [
            replace(change, version=self._VERSION) if change.version == last.version else change
            for change in known.changes
        ]
        again = replace(last, seq=facts.last_seq + 2, stage="startup")
        holder = edits.wired_to(facts, wire, self._VERSION, ("startup", "shutdown"))
        held = StaleReference(wire.holder, wire.path, wire.other, self._VERSION, last.type)
        return {
            wire.other: known._replace(changes=(*older, again)),
            wire.holder: holder._replace(stale=(*holder.stale, held)),
        }


class SeparateObjects(Mutator):
    """Two components that are one object are two equal ones."""

    kind = "separate-objects"

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One for each component that is the same object as another one, by a contract or as observed."""
        for address, other in self._pairs(facts):
            yield self.mutant(
                address,
                f"it is an equal copy of `{other}`, and no longer the same object",
                Edit({address: self._copied(facts, address, other)}),
                fact=other,
                term=Term(component=address, key="same-as", value=other),
            )

    @staticmethod
    def _pairs(facts: Facts) -> Iterator[tuple[str, str]]:
        asked = {
            frozenset((address, question.other)): (address, question.other)
            for address, known in facts.components.items()
            for question, holds in facts.identities(known)
            if holds and not question.path
        }
        yield from asked.values()
        by_version: defaultdict[str, list[str]] = defaultdict(list)
        for address in facts.present:
            entry = facts.components[address].entry
            if entry is not None and entry.version and ":" in entry.type:
                by_version[entry.version].append(address)
        for same in by_version.values():
            # An object of a module is expected to be that of the state, and what a getter returns to be either.
            addresses = map(parse_address, same)
            first, *others = sorted(addresses, key=lambda each: (each.is_module_object, each.is_provider))
            for each in others:
                contract = facts.contracts.get(each.text)
                names_another = contract is not None and contract.same_as
                if not names_another and frozenset((each.text, first.text)) not in asked:
                    yield each.text, first.text

    @staticmethod
    def _copied(facts: Facts, address: str, other: str) -> ComponentFacts:
        known, version = edits.wired_to(facts, Wire(address, "", other), ""), f"a copy for {address}"
        return known._replace(
            entry=None if known.entry is None else replace(known.entry, version=version),
            changes=tuple(
                replace(change, version=version) if change.operation == "set" else change for change in known.changes
            ),
            described=tuple(replace(each, version=version) for each in known.described),
        )


MUTATORS: tuple[Mutator, ...] = (EqualCopy(), OlderObject(), SeparateObjects())
