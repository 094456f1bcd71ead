"""Users who share an object, and instances that outlive their release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from netra_contracts.protocol.observed.isolation import IsolationResult, ObjectPath, RetainedInstance, SharedObject
from netra_contracts.protocol.record import replace
from netra_contracts.protocol.users import user_name
from netra_contracts.score.facts import Edit, Facts
from netra_contracts.score.mutant import Equivalent, Mutant, Mutator

#: An attribute that the instances of the recording do not have.
_PATH = "instance.netra_contracts_changed_this"


def _edit(facts: Facts, address: str, result: IsolationResult) -> Edit:
    return Edit({address: facts.components[address]._replace(isolation=result)})


class SharedObjectOfUsers(Mutator):
    """One mutable object is reached from the instances of two users."""

    kind = "shared-object"

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One for each component whose instances were examined."""
        for address, known in facts.components.items():
            seen = known.isolation
            if seen is not None and not seen.skipped and seen.users >= 2:
                first, second = (ObjectPath(user_name(number), _PATH) for number in range(2))
                shared = (*seen.shared, SharedObject("list", first, second, seen.users))
                yield self.mutant(
                    address,
                    "the instances of all users share a list",
                    _edit(facts, address, replace(seen, shared=shared)),
                )


class KeptInstance(Mutator):
    """The component still holds an instance after its release."""

    kind = "kept-instance"
    rules: ClassVar[Mapping[str, str]] = {"pooled": "released instances go back to a pool, as the contract says"}

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One for each component whose instances were released."""
        for address, known in facts.components.items():
            seen, contract = known.isolation, facts.contracts.get(address)
            if seen is None or seen.skipped or not seen.released:
                continue
            if contract is not None and contract.per_user is not None and contract.per_user.pooled:
                yield self.left_out(address, "pooled")
                continue
            kept = RetainedInstance(address, ".netra_contracts_changed_this[0]", user_name(0))
            yield self.mutant(
                address,
                "it still holds a user's instance after its release",
                _edit(facts, address, replace(seen, retained=(*seen.retained, kept))),
            )


MUTATORS: tuple[Mutator, ...] = (SharedObjectOfUsers(), KeptInstance())
