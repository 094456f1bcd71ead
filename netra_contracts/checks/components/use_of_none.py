"""Exceptions that say that an object is None or does not exist, and the component that it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from netra_contracts.checks.components.presence import ComponentMissing, ComponentNone
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.order_and_wiring.state_changes import SetThenLost
from netra_contracts.model.finding import Finding
from netra_contracts.protocol.address import last_name
from netra_contracts.protocol.observed.failures import ExceptionInfo, StageFailure

#: What `AttributeError`, also that of a `State`, and `KeyError` say of a name that does not exist.
_LACKING = re.compile(r"(?:^|has no attribute )'(\w+)'$")


def causes_of_use(failures: Sequence[StageFailure], finding: Finding, findings: Findings) -> Iterator[Finding]:
    """Findings, no less severe, about components that lines read and that are None, or that they cannot read."""
    chain = [raised for failure in failures for raised in failure.chain]
    none = {name for raised in chain for name in raised.none_attributes}
    lacking = {name for raised in chain for name in _lacking(raised)}
    causes = [(cause, none) for cause in findings.of(ComponentNone, SetThenLost)]
    causes += [(cause, lacking) for cause in findings.of(ComponentMissing, SetThenLost)]
    for cause, names in causes:
        if last_name(cause.component) in names and cause.severity.rank <= finding.severity.rank:
            yield cause


def _lacking(raised: ExceptionInfo) -> Iterator[str]:
    """The name that an exception says does not exist."""
    if raised.type.rpartition(".")[2] in ("AttributeError", "KeyError"):
        yield from _LACKING.findall(raised.message)
