"""The base class of checks."""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Literal

from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.family import PLUGINS, Family
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Cause, Dependency, Finding, NotRun
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.failures import ExceptionInfo, StackSnapshot
from netra_contracts.protocol.plan import Question

if TYPE_CHECKING:
    from netra_contracts.checks.engine.findings import Findings

Result = Finding | NotRun


class Check(ABC):
    """Pure functions: `ask` turns a contract into questions for the probe, `judge` turns evidence into findings, and
    `follows_from` and `leads_to` name the causes and the consequences of a finding among the findings of a run.

    The docstring of a subclass is its documentation, in Markdown, with the headings of `documentation.HEADINGS`.

    Attributes:
        code: never changes its meaning and is never used again.
        name: names the fault, so that it reads well after "allow".
        family: the checks it belongs to.
        severity: of findings for which no contract says otherwise.
        phase: of findings for which no contract says otherwise.
        reported_first: whether its findings precede others of the same severity, as what kept the target from starting.
        reports_exception: whether its findings are located where an uncaught exception was raised.
        after_startup: whether it judges only a startup that succeeded.
        breaks_contract: whether a contract does not hold if there is a finding about its component.
        required: whether a contract holds only if this check was run on it.
        security_severity: how bad a finding is for security, from 0.1 to 10 as in CVSS; None: it is not about security.
        examines_component: whether it judges a component only where it is set: a missing one is left to other checks.
        observes_whole_run: whether its findings may come from any stage, also from users, clients and the shutdown.
        judges_questions_of: checks whose questions it judges, too, and that report the ones without an answer.
        off_by_default: whether its findings are reported only if its code is selected.
        lists_log: whether its findings list what the application logged: those that no exception explains, or all.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    family: ClassVar[Family] = PLUGINS
    severity: ClassVar[Severity] = Severity.ERROR
    phase: ClassVar[Phase | None] = None
    reported_first: ClassVar[bool] = False
    reports_exception: ClassVar[bool] = False
    after_startup: ClassVar[bool] = False
    breaks_contract: ClassVar[bool] = True
    required: ClassVar[bool] = True
    security_severity: ClassVar[float | None] = None
    examines_component: ClassVar[bool] = False
    observes_whole_run: ClassVar[bool] = False
    judges_questions_of: ClassVar[tuple[type[Check], ...]] = ()
    off_by_default: ClassVar[bool] = False
    lists_log: ClassVar[Literal["never", "unexplained", "always"]] = "never"

    def ask(self, contract: ComponentContract) -> Iterable[Question]:
        """The questions that this check has about a contract."""
        return ()

    def judge(self, context: Context) -> Iterable[Result]:
        """What is broken, and what could not be judged."""
        return ()

    def is_required(self, entry: NotRun, context: Context) -> bool:
        """Whether a contract of the run asks for what this check could not judge, and nobody left it out."""
        return self.required and entry.component in context.contracts.by_component

    def concludes(self, context: Context, component: str | None) -> bool:
        """Whether a run without findings of this check about a component means that there is no such fault.

        What it reports as not run, contracts that are blocked, and what the attributes say are counted apart from this.

        Args:
            context: the evidence.
            component: its address; empty: findings about no component are meant; None: those about any.
        """
        return True

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """Causes of a finding of this check among all findings, the one that explains it best first."""
        return ()

    def is_explained(self, finding: Finding) -> bool:
        """Whether a finding of this check names what explains it: an exception."""
        return bool(finding.trace) or any(cause.trace for cause in finding.causes)

    def leads_to(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """Findings of other checks that follow from a finding of this check, unless they name a cause themselves."""
        return ()

    def as_seen_in_state(
        self, component: str | None, subject: str | None, contracts: Iterable[ComponentContract]
    ) -> Iterable[tuple[type[Check], str | None, str | None]]:
        """What a fault that this check reports is where nobody recorded who wrote the state: check, component, subject.

        Args:
            component: that the finding is about; None: any.
            subject: of the finding; None: any.
            contracts: of the run.
        """
        return ()

    def finding(
        self,
        message: str,
        *,
        severity: Severity | None = None,
        component: str = "",
        phase: Phase | None = None,
        subject: str = "",
        causes: Iterable[Cause | None] = (),
        impact: str = "",
        hint: str = "",
        docs: str = "",
        location: Location | None = None,
        stacks: tuple[StackSnapshot, ...] = (),
        raised: ExceptionInfo | None = None,
        dependencies: Iterable[Dependency] = (),
    ) -> Finding:
        """A finding of this check; see `Finding` for the arguments.

        Args:
            severity: by default, that of the check.
            phase: by default, that of the check.
            causes: None among them is left out.
            location: by default, that of the first cause that has one.
            raised: the exception that was raised at the location; gives the calls that led to it.
        """
        chain = tuple(cause for cause in causes if cause is not None)
        return Finding(
            code=self.code,
            severity=severity or self.severity,
            message=message,
            component=component,
            phase=phase or self.phase,
            subject=subject,
            location=location or next((cause.location for cause in chain if cause.location), None),
            calls=raised.calls if raised is not None else (),
            trace=raised.trace if raised is not None else (),
            causes=chain,
            impact=impact,
            hint=hint,
            docs=docs,
            stacks=stacks,
            dependencies=tuple(dependencies),
        )

    def finding_for(
        self,
        contract: ComponentContract,
        message: str,
        *,
        component: str = "",
        subject: str = "",
        causes: Iterable[Cause | None] = (),
        hint: str = "",
        location: Location | None = None,
        raised: ExceptionInfo | None = None,
        dependencies: Iterable[Dependency] = (),
    ) -> Finding:
        """A finding about a contract, with the contract's severity, phase, impact and documentation.

        Args:
            component: the component at fault, if it is not the contract's but one that the contract depends on.
        """
        return self.finding(
            message,
            severity=contract.severity,
            component=component or contract.component,
            phase=contract.phase,
            subject=subject,
            causes=causes,
            impact=contract.impact,
            hint=hint,
            docs=contract.docs,
            location=location,
            raised=raised,
            dependencies=dependencies,
        )

    def not_run(self, contract: ComponentContract, question: Question, reason: str = "") -> NotRun:
        """A question of this check that the recording does not answer."""
        return NotRun(
            code=self.code,
            component=contract.component,
            subject=question.path or question.other or question.operator,
            reason=reason or "the recording does not answer this question",
        )
