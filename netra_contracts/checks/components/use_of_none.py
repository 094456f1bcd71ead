"""Exceptions that say that an object is None, and the component that it is."""

from __future__ import annotations

from collections.abc import Iterator

from netra_contracts.checks.components.presence import ComponentNone
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.order_and_wiring.state_changes import SetThenLost
from netra_contracts.model.finding import Finding
from netra_contracts.protocol.failures import StageFailure


def causes_of_use(failure: StageFailure, finding: Finding, findings: Findings) -> Iterator[Finding]:
    """Findings, no less severe, about components that are None and that the line of a failure reads."""
    names = {name for raised in failure.chain for name in raised.none_attributes}
    for cause in findings.of(ComponentNone, SetThenLost):
        if cause.component.rpartition(":")[2] in names and cause.severity.rank <= finding.severity.rank:
            yield cause
