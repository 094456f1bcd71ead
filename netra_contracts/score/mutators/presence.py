"""A component that is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from netra_contracts.score import edits
from netra_contracts.score.facts import Facts
from netra_contracts.score.mutant import Equivalent, Mutant, Mutator
from netra_contracts.score.terms import contract_term


def is_optional(facts: Facts, address: str) -> bool:
    """Whether the contract of a component allows it to be absent."""
    contract = facts.contracts.get(address)
    return contract is not None and contract.optional


class Absent(Mutator):
    """A component is never set, and whatever referred to it does not find it."""

    kind = "absent"
    rules: ClassVar[Mapping[str, str]] = {"optional": "the contract says that the component may be absent"}

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One for each component that is there."""
        for address in facts.present:
            if is_optional(facts, address):
                yield self.left_out(address, "optional")
            else:
                edit = edits.absent(facts, address)
                yield self.mutant(address, "it is never set", edit, term=contract_term(facts, address))


class NoneInstead(Mutator):
    """None is set instead of a component."""

    kind = "none"
    rules: ClassVar[Mapping[str, str]] = {
        "is none": "the component is None in the recording",
        "optional": "the contract says that the component may be absent",
        "allowed": "the type of the contract allows None",
    }

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One for each component that is there."""
        for address in facts.present:
            rule = self._rule(facts, address)
            if rule:
                yield self.left_out(address, rule)
            else:
                edit = edits.none(facts, address)
                yield self.mutant(address, "it is None", edit, term=contract_term(facts, address))

    @staticmethod
    def _rule(facts: Facts, address: str) -> str:
        if facts.is_none(address):
            return "is none"
        if is_optional(facts, address):
            return "optional"
        contract = facts.contracts.get(address)
        named = contract is not None and contract.type is not None and "None" in contract.type.names
        return "allowed" if named else ""


MUTATORS: tuple[Mutator, ...] = (Absent(), NoneInstead())
