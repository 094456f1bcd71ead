"""What contracts can say of observed components, beyond their types, without a guess: for `netra-contracts init`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from netra_contracts.declare import Phase
from netra_contracts.protocol.app_states import StateEntry
from netra_contracts.protocol.observation import DescribedComponent, Observation


class InferredTerms(NamedTuple):
    """Terms of a contract that held in the observed run.

    Attributes:
        phase: the first marked phase at whose end all of them held; empty: the end of startup.
        wires: attributes that are the very object that a component is, which was set before.
    """

    phase: str = ""
    wires: Mapping[str, str] = {}

    @property
    def requires(self) -> tuple[str, ...]:
        """The components that were set before this one, which is wired to them."""
        return tuple(dict.fromkeys(self.wires.values()))


def with_public_types(observation: Observation) -> tuple[StateEntry, ...]:
    """The components at the end of startup, their types under public names."""
    public = {described.address: described.type for described in _at(observation, "startup").values()}
    return tuple(
        dataclasses.replace(component, type=public.get(component.address, component.type))
        for component in observation.components
    )


def infer_terms(observation: Observation, declared: Sequence[str] = ()) -> Mapping[str, InferredTerms]:
    """The terms of each component, by address.

    Wires count only where the order of the writes is known and the other component was set first, so that the result
    holds when the same startup runs again. It cannot depend on itself for the same reason.

    Args:
        observation: of a run whose plan asked for descriptions.
        declared: components that have a contract, whose phase is not known here.
    """
    final = _at(observation, "startup")
    first = _first_writes(observation)
    phases = _ordered_phases(observation)
    inferred: dict[str, InferredTerms] = {}
    for address in sorted(final, key=lambda address: first.get(address, 0)):
        described = final[address]
        wires = {
            attribute: other
            for attribute, other in described.wires.items()
            if other != address and other in first and first[other] < first.get(address, 0)
        }
        phase = _phase(described, wires, observation, phases)
        needed = [inferred[other].phase if other not in declared else "" for other in wires.values()]
        if phase and needed:
            phase = "" if "" in needed else max([phase, *needed], key=phases.index)
        inferred[address] = InferredTerms(phase, wires)
    return inferred


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
