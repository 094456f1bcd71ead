"""Which of the missing terms a recording proves to hold, together with the contracts that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from netra_contracts.contracts.consistency import check_contracts
from netra_contracts.contracts.model import ComponentContract, Method
from netra_contracts.contracts.type_expressions import parse_type
from netra_contracts.declare import Phase
from netra_contracts.model.recording import Recording
from netra_contracts.model.score import Score, Term
from netra_contracts.protocol.observed.answers import DescribedComponent
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
    holds = all(
        _holds_when_judged(recording, contracts[term.component], changed[term.component], term.key) for term in terms
    )
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


def _holds_when_judged(recording: Recording, before: ComponentContract, after: ComponentContract, key: str) -> bool:
    """Whether a contract with a further term holds at the moment at which it is judged.

    A term must not move that moment from the end of a marked phase to the end of startup.
    """
    phase = after.phase.value if after.phase is not None else ""
    if phase not in recording.marked_phases:
        return True
    if after.is_judged_after_startup:
        return before.is_judged_after_startup and key != "phase"
    described = {each.address: each for each in recording.observation.described if each.moment == phase}
    known = described.get(after.component)
    if known is None or not after.wires.items() <= known.wires.items():
        return False
    names_another = after.same_as and key in ("same-as", "phase")
    return not names_another or _is_same(known, described.get(after.same_as))


def _is_same(one: DescribedComponent, other: DescribedComponent | None) -> bool:
    return other is not None and bool(one.version) and one.version == other.version
