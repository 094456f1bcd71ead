"""Which contracts are broken by known findings only: a report says so wherever it calls them broken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property

from netra_contracts.checks.engine.judgement import Judgement
from netra_contracts.model.finding import Finding
from netra_contracts.model.suppression import Suppressed


class Known:
    """What a judgement's suppressed findings explain.

    Args:
        judgement: the findings, and those that are suppressed.
    """

    def __init__(self, judgement: Judgement) -> None:
        self._judgement = judgement

    @cached_property
    def _broken(self) -> frozenset[str]:
        """Components whose contract is broken by known findings only."""
        suppressed = self._components_broken_by(entry.finding for entry in self._judgement.suppressed)
        return suppressed - self._components_broken_by(self._judgement.findings)

    def _components_broken_by(self, findings: Iterable[Finding]) -> frozenset[str]:
        checks = self._judgement.checks
        return frozenset(
            finding.component
            for finding in findings
            if finding.component and (finding.code not in checks or checks[finding.code].breaks_contract)
        )

    @cached_property
    def contracts(self) -> frozenset[str]:
        """Components whose contract is broken, or blocked, because of known findings only."""
        statuses = self._judgement.statuses
        broken = {name for name in self._broken if statuses.get(name) == "broken"}
        blocked = {entry.component for entry in self._judgement.blocked if entry.by in self._broken}
        return frozenset(broken | blocked)

    @cached_property
    def broken_contracts(self) -> frozenset[str]:
        """Those of them that are broken."""
        return frozenset(name for name in self.contracts if self._judgement.statuses.get(name) == "broken")


def age_of_oldest(suppressed: Iterable[Suppressed], today: date) -> int | None:
    """Days since the oldest entry was added that suppresses a finding of this run; None: no entry has a date."""
    added = [entry.added for entry in suppressed if entry.added is not None]
    return max((today - min(added)).days, 0) if added else None
