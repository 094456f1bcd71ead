"""Which contracts a run judges, and at which moment of the startup."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from netra_contracts.contracts.model import ComponentContract
from netra_contracts.declare import Phase
from netra_contracts.model.recording import Recording
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.plan import Question


class ContractScope:
    """The contracts of components that a run judges.

    Args:
        recording: contracts, plan and observation.
        until: judge no later phase; None: all.
    """

    def __init__(self, recording: Recording, until: Phase | None) -> None:
        self._recording = recording
        self._until = until

    @cached_property
    def in_scope(self) -> tuple[ComponentContract, ...]:
        """Contracts of the phases that are judged, with those that they depend on: these may block them.

        A contract that one of an earlier phase depends on names no phase itself; the consistency check refuses a later
        one.
        """
        wanted = {contract.component for contract in self._recording.contracts if self._is_wanted(contract.phase)}
        pending = list(wanted)
        while pending:
            for name in self.by_component[pending.pop()].depends_on:
                if name in self.by_component and self.by_component[name].phase is None and name not in wanted:
                    wanted.add(name)
                    pending.append(name)
        return tuple(contract for contract in self._recording.contracts if contract.component in wanted)

    def _is_wanted(self, phase: Phase | None) -> bool:
        """Contracts without a phase must hold by the end of startup: they go with the last one."""
        return self._until is None or (phase or Phase.READINESS) <= self._until

    @cached_property
    def by_component(self) -> Mapping[str, ComponentContract]:
        """All contracts of the recording, by component, whether they are judged or not."""
        return {contract.component: contract for contract in self._recording.contracts}

    def judged_at(self, contract: ComponentContract) -> str:
        """The moment at which a contract is judged: its phase if the application marked the end of it, or `startup`."""
        if contract.phase is None or contract.is_judged_after_startup:
            return "startup"
        mark = self._recording.marked_phases.get(contract.phase.value)
        return mark.phase if mark is not None and mark.outcome == "ok" else "startup"

    def is_judged_at_mark(self, contract: ComponentContract) -> bool:
        """Whether a contract is judged at the end of a marked phase, and not at the end of startup."""
        return self.judged_at(contract) != "startup"

    def with_requirements(self, address: str) -> tuple[str, ...]:
        """A component, the components that its contract depends on, those that theirs depend on, and so on."""
        found = [address]
        for name in found:  # grows while it is read
            contract = self.by_component.get(name)
            found.extend(other for other in (contract.depends_on if contract else ()) if other not in found)
        return tuple(found)

    def answer(self, contract: ComponentContract, question: Question) -> Answer | None:
        """The answer to a question at the moment at which the contract is judged; None: the recording has none."""
        return self._recording.answer(question, self.judged_at(contract))

    def fits(self, contract: ComponentContract, moment: str) -> Answer | None:
        """Whether the component fits the type of its contract at a moment; None: there is no type, or no answer."""
        if contract.type is None:
            return None
        return self._recording.answer(Question("fits", contract.component, type=contract.type), moment)
