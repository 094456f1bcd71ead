"""The base class of checks that report the failures of stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netra_contracts.checks.engine import exception_hints
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.exception_text import causes_from_chain, one_line
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.model.finding import Finding
from netra_contracts.protocol.failures import FailureKind, StageFailure
from netra_contracts.protocol.observation import Stage


class StageCheck(Check):
    """A check that reports faults of stages. Subclasses say which, and how to put it."""

    kinds: frozenset[FailureKind]
    reported_first = True

    def message(self, stage: Stage, fault: StageFailure, context: Context) -> str:
        """What is wrong."""
        return one_line(fault.message)

    def hint(self, fault: StageFailure, context: Context) -> str:
        """What to do."""
        return exception_hints.for_fault(fault)

    def concerns(self, stage: Stage, fault: StageFailure) -> bool:
        """Whether a fault is this check's."""
        return fault.kind in self.kinds and stage.name != "shutdown"

    def faults(self, context: Context) -> Iterator[tuple[Stage, StageFailure]]:
        """The faults that are this check's, in order."""
        for stage in context.observation.stages:
            for fault in stage.failures:
                if self.concerns(stage, fault):
                    yield stage, fault

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each fault."""
        for stage, fault in self.faults(context):
            yield self.finding(
                self.message(stage, fault, context),
                subject=self.subject(stage, fault),
                location=fault.location,
                causes=causes_from_chain(fault),
                hint=self.hint(fault, context),
                stacks=fault.stacks,
            )

    def subject(self, stage: Stage, fault: StageFailure) -> str:
        """What tells two findings of this code apart: the stage, and the exception's type."""
        return ":".join([stage.name, *[raised.type for raised in fault.chain[:1]], fault.missing]).rstrip(":")

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """The failure that came first: a target that does not start fails for one reason."""
        first = first_failure(findings, context)
        return () if first is None or first is finding else (first,)


def first_failure(findings: Findings, context: Context) -> Finding | None:
    """The finding on the failure that came first; the shutdown's come after all others."""
    order: dict[FailureKind, int] = {}
    for position, fault in enumerate(fault for stage in context.observation.stages for fault in stage.failures):
        order.setdefault(fault.kind, position)

    def position_of(finding: Finding) -> int:
        check = findings.check_of(finding)
        kinds = check.kinds if isinstance(check, StageCheck) else ()
        return min((order[kind] for kind in kinds if kind in order), default=0)

    found = findings.where(lambda check: isinstance(check, StageCheck) and check.reported_first)
    return min(found, key=position_of, default=None)
