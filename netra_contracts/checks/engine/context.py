"""What checks judge by: one frozen value, passed to each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from netra_contracts.checks.engine.evidence import StartupEvidence
from netra_contracts.checks.engine.source_uses import SourceUses
from netra_contracts.checks.engine.statuses.blocking import Blocking
from netra_contracts.checks.engine.statuses.component_status import ComponentStatuses
from netra_contracts.checks.engine.statuses.contract_scope import ContractScope
from netra_contracts.declare import Phase
from netra_contracts.model.recording import Recording
from netra_contracts.protocol.observed.observation import Observation


@dataclass(frozen=True)
class Context:
    """The evidence of one run, arranged for checks.

    Attributes:
        recording: contracts, plan and observation.
        until: the last phase that is judged; None: all are.
        evidence: stages and state changes of the startup.
        contracts: those that are judged, and when.
        statuses: what became of each component.
        blocking: which contracts are blocked, and which remain.
    """

    recording: Recording
    until: Phase | None
    evidence: StartupEvidence
    contracts: ContractScope
    statuses: ComponentStatuses
    blocking: Blocking

    @classmethod
    def of(cls, recording: Recording, until: Phase | None = None) -> Context:
        """Arrange a recording; `until`: judge no later phase."""
        evidence = StartupEvidence(recording)
        contracts = ContractScope(recording, until)
        statuses = ComponentStatuses(recording, evidence, contracts)
        return cls(recording, until, evidence, contracts, statuses, Blocking(evidence, contracts, statuses))

    @property
    def observation(self) -> Observation:
        """What the probe saw."""
        return self.recording.observation

    @cached_property
    def uses(self) -> SourceUses:
        """What the sources say of the states."""
        return SourceUses(self.recording, self.evidence)
