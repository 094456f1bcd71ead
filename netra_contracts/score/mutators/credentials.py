"""Clients that are served although their token is bad."""

from __future__ import annotations

from collections.abc import Iterator

from netra_contracts.checks.events.access import BAD_TOKENS
from netra_contracts.protocol.record import replace
from netra_contracts.score.facts import Edit, Facts
from netra_contracts.score.mutant import Equivalent, Mutant, Mutator
from netra_contracts.score.mutators.events import Delivery


class BadTokenServed(Mutator):
    """A client whose token is bad receives the events of a run."""

    kind = "bad-token"

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One for each kind of bad token that was tried."""
        seen = Delivery.of(facts)
        if seen is None:
            return
        for scenario in seen.clients.scenarios:
            if scenario.name not in BAD_TOKENS or scenario.skipped or not scenario.clients:
                continue
            served = replace(seen.log, user=scenario.clients[0].user)
            changed = replace(scenario, clients=(served, *scenario.clients[1:]))
            scenarios = tuple(changed if each is scenario else each for each in seen.clients.scenarios)
            edit = Edit(clients=replace(seen.clients, scenarios=scenarios))
            yield self.mutant("", f"a client {BAD_TOKENS[scenario.name]} is served", edit, fact=scenario.name)


MUTATORS: tuple[Mutator, ...] = (BadTokenServed(),)
