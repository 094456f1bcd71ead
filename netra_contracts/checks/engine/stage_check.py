"""The base class of checks that report the failures of stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netra_contracts.checks.engine import exception_hints
from netra_contracts.checks.engine.check import Check, Context
from netra_contracts.checks.engine.exception_text import causes_from_chain, one_line
from netra_contracts.model.finding import Finding
from netra_contracts.protocol.failures import FailureKind, StageFailure
from netra_contracts.protocol.observation import Stage


class StageCheck(Check):
    """A check that reports faults of stages. Subclasses say which, and how to put it."""

    kinds: frozenset[FailureKind]

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
            for fault in stage.faults:
                if self.concerns(stage, fault):
                    yield stage, fault

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each fault."""
        for stage, fault in self.faults(context):
            yield Finding(
                code=self.code,
                severity=self.severity,
                message=self.message(stage, fault, context),
                subject=self.subject(stage, fault),
                location=fault.location,
                causes=causes_from_chain(fault),
                hint=self.hint(fault, context),
                stacks=fault.stacks,
            )

    def subject(self, stage: Stage, fault: StageFailure) -> str:
        """What tells two findings of this code apart: the stage, and the exception's type."""
        return ":".join([stage.name, *[raised.type for raised in fault.chain[:1]], fault.missing]).rstrip(":")
