"""What a self-test came to: the one value that is drawn or written as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

import netra_contracts
from netra_contracts.contracts.model import FrozenModel
from netra_contracts.model.report import ClientsReport, IsolationReport, Report


class Flow(FrozenModel):
    """One of the six flows of ADR-001, and what shows that it flows, or what stands against it."""

    name: str
    passed: bool
    evidence: str


class FaultResult(FrozenModel):
    """One seeded fault: what had to be found, and the root findings that were, as codes with what they are about."""

    name: str
    what: str
    expected: str
    found: tuple[str, ...]
    detected: bool
    ms: float


class SelfTest(FrozenModel):
    """A whole self-test. `findings` are those on the reference when nothing is wrong with it."""

    schema_version: int = 2
    tool_version: str
    verdict: Literal["passed", "failed"]
    exit_code: int
    seconds: float
    flows: tuple[Flow, ...] = ()
    isolation: tuple[IsolationReport, ...] = ()
    clients: ClientsReport | None = None
    findings: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()
    faults: tuple[FaultResult, ...] = ()

    @classmethod
    def of(cls, flows: Sequence[Flow], report: Report | None, faults: Sequence[FaultResult], seconds: float) -> Self:
        """Put together, and judged: everything must flow, nothing be left out, and every fault be found."""
        findings = tuple(f"{finding.code} {finding.message}" for finding in report.findings) if report else ()
        not_run = tuple(f"{entry.code} {entry.subject}: {entry.reason}" for entry in report.not_run) if report else ()
        passed = (
            all(flow.passed for flow in flows)
            and not findings
            and not not_run
            and all(fault.detected for fault in faults)
        )
        return cls(
            tool_version=netra_contracts.__version__,
            verdict="passed" if passed else "failed",
            exit_code=0 if passed else 1,
            seconds=seconds,
            flows=tuple(flows),
            isolation=report.isolation if report else (),
            clients=report.clients if report else None,
            findings=findings,
            not_run=not_run,
            faults=tuple(faults),
        )
