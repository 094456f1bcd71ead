"""The registry of mutators: one module for each group of facts, with a tuple `MUTATORS` at its end."""

from __future__ import annotations

from netra_contracts.score.mutant import Mutator
from netra_contracts.score.mutators import background, credentials, events, isolation, order, presence, types, wiring

#: All mutators, in the order of the documentation.
MUTATORS: tuple[Mutator, ...] = tuple(
    mutator
    for group in (presence, types, wiring, order, isolation, events, credentials, background)
    for mutator in group.MUTATORS
)
