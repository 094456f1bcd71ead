"""Which of the missing terms a recording proves to hold, together with the contracts that there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from netra_contracts.contracts.consistency import check_contracts
from netra_contracts.contracts.model import ComponentContract, Method
from netra_contracts.contracts.type_expressions import parse_type
from netra_contracts.declare import Phase
from netra_contracts.model.recording import Recording
from netra_contracts.model.score import Score, Term
from netra_contracts.score.scoring import merged_terms

#: The order in which terms are added: a phase holds only if all that is said before it does at its end.
_ORDER = ("type", "methods", "async-methods", "same-as", "wires", "phase")


def proven_terms(recording: Recording, score: Score) -> Sequence[Term]:
    """Terms that contracts lack, that hold in a recording, and that contradict no other contract.

    Args:
        recording: with descriptions of its components.
        score: of its contracts.
    """
    missing = (survivor.term for survivor in score.survivors if survivor.term is not None)
    contracts = {contract.component: contract for contract in recording.contracts}
    terms = [
        term
        for term in merged_terms(missing).values()
        if term.proven and term.key in _ORDER and term.component in contracts
    ]
    terms.sort(key=lambda term: _ORDER.index(term.key))
    if _accepts(recording, contracts, terms) is not None:  # the usual case, in which nothing contradicts anything
        return terms
    accepted = []
    for term in terms:
        changed = _accepts(recording, contracts, [term])
        if changed is not None:
            contracts = changed
            accepted.append(term)
    return accepted


def _accepts(
    recording: Recording, contracts: Mapping[str, ComponentContract], terms: Sequence[Term]
) -> dict[str, ComponentContract] | None:
    """The contracts with further terms; None: these contradict each other, or are not known to hold."""
    changed = dict(contracts)
    for term in terms:
        changed[term.component] = _with_term(changed[term.component], term)
    holds = all(_holds_at_its_phase(recording, changed[term.component]) for term in terms)
    return changed if holds and not check_contracts(tuple(changed.values()), complete=False) else None


def _with_term(contract: ComponentContract, term: Term) -> ComponentContract:
    """A contract with one more term, as the configuration would have it."""
    return contract.model_copy(update=_field(contract, term.key, term.value))


def _field(contract: ComponentContract, key: str, value: Any) -> Mapping[str, object]:
    if key == "type":
        return {"type": parse_type(value)}
    if key == "phase":
        return {"phase": Phase(value)}
    if key == "wires":
        return {"wires": {**contract.wires, **value}}
    if key == "same-as":
        return {"same_as": value}
    methods = (Method(name=name, asynchronous=key == "async-methods") for name in value)
    return {"methods": (*contract.methods, *methods)}


def _holds_at_its_phase(recording: Recording, contract: ComponentContract) -> bool:
    """Whether the component had its references at the end of the marked phase at which its contract is judged."""
    phase = contract.phase.value if contract.phase is not None else ""
    if phase not in recording.marked_phases:
        return True
    described = _described(recording.observation.described, contract.component, phase)
    return described is not None and contract.wires.items() <= described.items()


def _described(described: Iterable[Any], address: str, moment: str) -> Mapping[str, str] | None:
    found = (each.wires for each in described if (each.address, each.moment) == (address, moment))
    return next(found, None)
