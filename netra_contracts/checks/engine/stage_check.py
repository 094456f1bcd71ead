"""The base class of checks that report the failures of stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.explanations import exception_hints
from netra_contracts.checks.engine.explanations.exception_text import causes_from_chain, located, one_line
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.wording import function_at
from netra_contracts.model.finding import Finding
from netra_contracts.protocol.observed.failures import FailureKind, StageFailure
from netra_contracts.protocol.observed.observation import Stage


class StageCheck(Check):
    """A check that reports failures of stages. Subclasses declare which kinds, and word the message and the hint."""

    kinds: frozenset[FailureKind]
    reported_first = True
    observes_whole_run = True

    def message(self, stage: Stage, failure: StageFailure, context: Context) -> str:
        """What is wrong."""
        return one_line(failure.message)

    def hint(self, failure: StageFailure, context: Context) -> str:
        """What to do."""
        return exception_hints.hint_for(failure)

    def concerns(self, stage: Stage, failure: StageFailure) -> bool:
        """Whether this check reports a failure."""
        return failure.kind in self.kinds and stage.name != "shutdown"

    def failures(self, context: Context) -> Iterator[tuple[Stage, StageFailure]]:
        """The failures that this check reports, in order."""
        for stage in context.observation.stages:
            for failure in stage.failures:
                if self.concerns(stage, failure):
                    yield stage, failure

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each failure."""
        for stage, failure in self.failures(context):
            yield self.finding(
                self.message(stage, failure, context),
                subject=self.subject(stage, failure),
                location=failure.location,
                causes=causes_from_chain(failure),
                hint=self.hint(failure, context),
                stacks=failure.stacks,
                raised=located(failure),
            )

    def subject(self, stage: Stage, failure: StageFailure) -> str:
        """What distinguishes two findings of this code: the stage, and an exception or what does not exist."""
        return " ".join(filter(None, (stage.name, exception_subject(failure), failure.missing)))

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """The failure that came first: a target that does not start fails for one reason."""
        first = first_failure(findings, context)
        return () if first is None or first is finding else (first,)


def exception_subject(failure: StageFailure) -> str:
    """The type of an exception and the function that raised it; empty: there was none."""
    if not failure.chain:
        return ""
    function = function_at(failure.location)
    return failure.chain[0].type + (f" in {function}" if function else "")


def first_failure(findings: Findings, context: Context) -> Finding | None:
    """The finding on the failure that came first; the shutdown's come after all others."""
    order: dict[FailureKind, int] = {}
    for position, failure in enumerate(failure for stage in context.observation.stages for failure in stage.failures):
        order.setdefault(failure.kind, position)

    def position_of(finding: Finding) -> int:
        check = findings.check_of(finding)
        kinds = check.kinds if isinstance(check, StageCheck) else ()
        return min((order[kind] for kind in kinds if kind in order), default=0)

    found = findings.where(lambda check: isinstance(check, StageCheck) and check.reported_first)
    return min(found, key=position_of, default=None)
