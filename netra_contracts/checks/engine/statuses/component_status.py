"""The status of components: what became of each, judged by its contract."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from netra_contracts.checks.engine.evidence import StartupEvidence
from netra_contracts.checks.engine.statuses.contract_scope import ContractScope
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.model.finding import Cause
from netra_contracts.model.recording import Recording
from netra_contracts.protocol.address import parse_address
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.plan import Question

#: `late`: not there at the end of its marked phase, but set later. `absent`: not there, and optional. `unknown`: the
#: recording has no answer. `unreached`: startup ended before the component was set, or could be examined.
ComponentStatus = Literal["present", "missing", "none", "lost", "late", "wrong_type", "unknown", "absent", "unreached"]


class ComponentStatuses:
    """What became of each component.

    Args:
        recording: contracts, plan and observation.
        evidence: of the same recording.
        contracts: those that are judged.
    """

    def __init__(self, recording: Recording, evidence: StartupEvidence, contracts: ContractScope) -> None:
        self._recording = recording
        self._evidence = evidence
        self._contracts = contracts
        self._known: dict[str, ComponentStatus] = {}

    def of(self, address: str) -> ComponentStatus:
        """The status of a component, by its contract, or by what was observed if it has none."""
        status = self._known.get(address)
        if status is None:
            contract = self._contracts.by_component.get(address)
            status = self._undeclared(address) if contract is None else self._declared(contract)
            self._known[address] = status
        return status

    @cached_property
    def required_undeclared(self) -> Mapping[str, ComponentContract]:
        """Components without a contract that contracts depend on, each with the most severe of these contracts."""
        return {name: min(users, key=lambda user: user.severity.rank) for name, users in self._dependants.items()}

    def required_by(self, address: str) -> tuple[Cause, ...]:
        """The contracts that depend on a component that has none itself, as causes of a finding about it."""
        return tuple(
            Cause(message=f"`{contract.component}` depends on it", location=contract.origin.location)
            for contract in self._dependants.get(address, ())
        )

    @cached_property
    def _dependants(self) -> Mapping[str, list[ComponentContract]]:
        """Components without a contract, with the contracts that depend on them. An absent one depends on nothing."""
        found: dict[str, list[ComponentContract]] = {}
        for contract in self._contracts.in_scope:
            if self.of(contract.component) != "absent":
                for name in contract.depends_on:
                    if name not in self._contracts.by_component:
                        found.setdefault(name, []).append(contract)
        return found

    def _undeclared(self, address: str) -> ComponentStatus:
        if self._evidence.is_present_at_end(address):
            return "present"
        if not self._evidence.started:
            return "unreached"
        if self._evidence.is_lost(address):
            return "lost"
        if address not in self._recording.components and not self._is_known_if_there(address):
            return "unknown"
        return "none" if address in self._recording.components else "missing"

    def _is_known_if_there(self, address: str) -> bool:
        """Whether a component would have been observed: entries are, others only if the plan asked for them."""
        parsed = parse_address(address)
        return address in self._recording.questions or not (parsed.parents or parsed.is_module_object)

    def _declared(self, contract: ComponentContract) -> ComponentStatus:
        present = self._contracts.answer(contract, Question("present", contract.component))
        if present is None or present.holds is None:
            return "unknown" if self._evidence.started else "unreached"
        fits = self._contracts.fits(contract, self._contracts.judged_at(contract))
        if not present.holds or (present.is_none and not allows_none(contract, fits)):
            return self._not_there(contract, present)
        if fits is not None and fits.holds is False and not fits.is_none:
            return "wrong_type"
        return "present"

    def _not_there(self, contract: ComponentContract, present: Answer) -> ComponentStatus:
        evidence, address = self._evidence, contract.component
        if contract.optional:
            return "absent"
        marked = self._contracts.is_judged_at_mark(contract)
        # A startup that failed might still have set it, also where there is None so far; a phase that ended might not.
        if not evidence.started and not (marked and (present.holds or evidence.is_present_at_end(address))):
            return "unreached"
        if marked and evidence.is_present_at_end(address):
            return "late"
        if evidence.is_lost(address):
            return "lost" if evidence.started else "unreached"
        return "none" if present.holds else "missing"


def allows_none(contract: ComponentContract, fits: Answer | None) -> bool:
    """Whether the component is optional, or None is among the types that its contract names, or an alias of these.

    Args:
        contract: its contract.
        fits: whether it fits the type, at the moment in question: None does only where the type names None.
    """
    named = contract.type is not None and "None" in contract.type.names
    return contract.optional or named or (fits is not None and fits.is_none and fits.holds is True)
