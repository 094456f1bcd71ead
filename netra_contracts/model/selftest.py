"""The result of a self-test: frozen records that are drawn as a table or written as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

import netra_contracts
from netra_contracts.contracts.model import FrozenModel
from netra_contracts.model.report import IsolationReport, Report
from netra_contracts.model.report_of_clients import ClientsReport


class Flow(FrozenModel):
    """One of the six flows of ADR-001.

    Attributes:
        name: the flow in words.
        passed: whether the report on the unchanged reference shows that it works.
        evidence: the recorded facts that show it, or why it failed.
    """

    name: str
    passed: bool
    evidence: str


class FaultResult(FrozenModel):
    """The result for one seeded fault.

    Attributes:
        name: of the fault.
        description: the change to the reference in words.
        expected: code and subject of the root finding that the fault must cause.
        found: codes and subjects of the root findings.
        detected: whether these are the expected ones.
        ms: duration in milliseconds.
    """

    name: str
    description: str
    expected: str
    found: tuple[str, ...]
    detected: bool
    ms: float


class SelfTest(FrozenModel):
    """The result of a self-test. `findings` and `not_run` are those on the unchanged reference."""

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
        """Return the result: passed if every flow and fault passed, without findings and with every check run.

        Args:
            flows: the flows, shown from `report`.
            report: on the unchanged reference; None: it was not checked.
            faults: the seeded faults that were tested.
            seconds: duration.
        """
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
