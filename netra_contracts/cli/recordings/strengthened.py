"""What `init --strengthen` adds to contracts: the terms that their score misses and that the startup proves."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from netra_contracts.contracts.added_terms import TermValue
from netra_contracts.errors import UsageError
from netra_contracts.model.recording import Recording
from netra_contracts.model.score import Term
from netra_contracts.score import proven_terms, score_of

#: Terms of contracts in other files that are named.
_MAX_TERMS = 10


class Strengthening(NamedTuple):
    """Terms that contracts lack.

    Attributes:
        terms: of contracts in the file that is written, by address and key.
        elsewhere: terms of contracts that were declared somewhere else.
    """

    terms: Mapping[str, Mapping[str, TermValue]] = {}
    elsewhere: Sequence[Term] = ()

    def notes(self, recording: Recording) -> Iterator[str]:
        """What is left to do by hand."""
        declared = {contract.component: contract.origin.text for contract in recording.contracts}
        for term in self.elsewhere[:_MAX_TERMS]:
            yield f"{declared[term.component]}: `{term.component}` is declared there; add {term.text}"
        if len(self.elsewhere) > _MAX_TERMS:
            yield f"and {len(self.elsewhere) - _MAX_TERMS:,} more terms of contracts that are declared elsewhere"


def strengthening(recording: Recording, written: Collection[str], removed: Collection[str]) -> Strengthening:
    """The terms that contracts lack and that hold in a recording.

    Args:
        recording: of a run with these contracts, whose plan asked for descriptions.
        written: components whose contract is in the file that is written.
        removed: components whose contract will be removed.

    Raises:
        UsageError: if the contracts do not hold.
    """
    kept = tuple(contract for contract in recording.contracts if contract.component not in removed)
    if not kept:
        return Strengthening()
    judged = recording.model_copy(update={"contracts": kept, "events_contract": None})
    try:
        score = score_of(judged)
    except UsageError as error:
        raise UsageError(problem._replace(place="--strengthen") for problem in error.problems) from error
    terms: dict[str, dict[str, TermValue]] = {}
    elsewhere = []
    for term in proven_terms(judged, score):
        if term.component in written:
            terms.setdefault(term.component, {})[term.key] = term.value
        else:
            elsewhere.append(term)
    return Strengthening(terms, elsewhere)
