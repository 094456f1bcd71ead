"""A component that is another object than it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from netra_contracts.score import edits
from netra_contracts.score.facts import Facts
from netra_contracts.score.mutant import Equivalent, Mutant, Mutator
from netra_contracts.score.terms import type_term


class UnrelatedType(Mutator):
    """A component is an object of an unrelated type, which has none of its attributes and methods."""

    kind = "type"
    rules: ClassVar[Mapping[str, str]] = {"is none": "the component is None in the recording: its type is unknown"}

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One for each component that is there and not None."""
        for address in facts.present:
            if facts.is_none(address):
                yield self.left_out(address, "is none")
            else:
                edit = edits.unrelated(facts, address)
                yield self.mutant(address, "it is of an unrelated type", edit, term=type_term(facts, address))


class TestDouble(Mutator):
    """A component is an object of `unittest.mock`, which has every attribute and accepts every call."""

    __test__ = False  # not a test, whatever its name says to pytest

    kind = "test-double"
    rules: ClassVar[Mapping[str, str]] = {
        "is none": "the component is None in the recording",
        "is a double": "the component is a test double in the recording, or its contract names one",
    }

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One for each component that is there and not None."""
        for address in facts.present:
            entry, contract = facts.components[address].entry, facts.contracts.get(address)
            named = contract.type.names if contract is not None and contract.type is not None else ()
            doubled = entry is not None and bool(entry.test_double)
            if facts.is_none(address):
                yield self.left_out(address, "is none")
            elif doubled or any(name.startswith("unittest.mock:") for name in named):
                yield self.left_out(address, "is a double")
            else:
                edit = edits.double(facts, address)
                yield self.mutant(address, "it is a test double", edit, term=type_term(facts, address))


MUTATORS: tuple[Mutator, ...] = (UnrelatedType(), TestDouble())
