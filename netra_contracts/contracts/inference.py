"""What contracts can say of observed components, beyond their types, without a guess: for `netra-contracts init`."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from netra_contracts.declare import Phase
from netra_contracts.protocol.address import parse_address
from netra_contracts.protocol.observed.answers import DescribedComponent
from netra_contracts.protocol.observed.app_states import StateEntry
from netra_contracts.protocol.observed.observation import Observation


class InferredTerms(NamedTuple):
    """Terms of a contract that held in the observed run.

    Attributes:
        phase: the first marked phase at whose end all of them held; empty: the end of startup.
        wires: attributes that are the very object that a component is, which was set before or is one of a module.
        requires: the components of states that were set before this one, which is wired to them.
        same_as: the component of a state that a function of a module returns; empty: it returns none.
    """

    phase: str = ""
    wires: Mapping[str, str] = {}
    requires: tuple[str, ...] = ()
    same_as: str = ""


def with_public_types(observation: Observation) -> tuple[StateEntry, ...]:
    """The components at the end of startup, their types under public names, and objects of modules that are proposed.

    A function of a module that would have to be called first has no type.
    """
    public = {described.address: described.type for described in _at(observation, "startup").values()}
    entries = [
        dataclasses.replace(component, type=public.get(component.address, component.type))
        for component in observation.components
    ]
    in_states = {entry.address for entry in entries}
    proposed = [StateEntry(address, public[address]) for address in public if address not in in_states]
    return (*entries, *proposed)


def infer_terms(observation: Observation, declared: Sequence[str] = ()) -> Mapping[str, InferredTerms]:
    """The terms of each component, by address.

    Wires between entries count only where the order of the writes is known and the other component was set first, so
    that the result holds when the same startup runs again. It cannot depend on itself for the same reason. Wires from
    and to objects of modules say nothing of an order.

    Args:
        observation: of a run whose plan asked for descriptions.
        declared: components that have a contract, whose phase is not known here.
    """
    final = _at(observation, "startup")
    first = _first_writes(observation)
    phases = _ordered_phases(observation)
    in_states = {component.address for component in observation.components}
    of_modules = {address for address in final if parse_address(address).is_module_object} - in_states
    inferred: dict[str, InferredTerms] = {}
    for address in sorted(final, key=lambda address: first.get(address, 0)):
        described = final[address]
        requires = [
            other for other in described.wires.values() if other in first and first[other] < first.get(address, 0)
        ]
        wires = {
            attribute: other
            for attribute, other in described.wires.items()
            if other in requires or (other != address and (address in of_modules or other in of_modules))
        }
        phase = _phase(described, wires, observation, phases)
        needed = [inferred[other].phase if other not in declared else "" for other in requires]
        if phase and needed:
            phase = "" if "" in needed else max([phase, *needed], key=phases.index)
        inferred[address] = InferredTerms(
            phase, wires, tuple(dict.fromkeys(requires)), _same_as(described, final, in_states)
        )
    return inferred


def _same_as(described: DescribedComponent, final: Mapping[str, DescribedComponent], in_states: Collection[str]) -> str:
    """The entry that a provider returns, of the application's own state if possible."""
    if not described.version or described.address in in_states or not parse_address(described.address).is_provider:
        return ""
    same = [address for address in in_states if address in final and final[address].version == described.version]
    return min(same, key=lambda address: (":" in address, address), default="")


def _at(observation: Observation, moment: str) -> dict[str, DescribedComponent]:
    return {described.address: described for described in observation.described if described.moment == moment}


def _first_writes(observation: Observation) -> dict[str, int]:
    """The number of the first write of each component that was not None, unless it was noticed afterwards only."""
    first: dict[str, int] = {}
    unknown = {change.component for change in observation.state_changes if change.compared}
    for change in observation.state_changes:
        if change.operation == "set" and not change.is_none and change.component not in unknown:
            first.setdefault(change.component, change.seq)
    return first


def _ordered_phases(observation: Observation) -> list[str]:
    """The marked phases that ended well, if they ended in their order; else none."""
    known = [phase.value for phase in Phase]
    marked = sorted(observation.marked_phases, key=lambda phase: phase.start_ms + phase.ms)
    ended = [phase.phase for phase in marked if phase.outcome == "ok" and phase.phase in known]
    return ended if ended == sorted(ended, key=known.index) else []


def _phase(
    described: DescribedComponent, wires: Mapping[str, str], observation: Observation, phases: Sequence[str]
) -> str:
    for phase in phases:
        then = _at(observation, phase).get(described.address)
        if then is None or (then.type, then.version) != (described.type, described.version):
            continue
        if wires.items() <= then.wires.items():
            return phase
    return ""
