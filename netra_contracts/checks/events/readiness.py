"""The check of readiness, by the application's own phase checks and by its readiness URL: NC507."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.explanations import exception_hints
from netra_contracts.checks.engine.explanations.exception_text import causes_from_chain, located, one_line, own_location
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.stage_check import exception_subject
from netra_contracts.checks.events.family import EVENTS
from netra_contracts.checks.isolation.family import ISOLATION
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Finding, NotRun
from netra_contracts.protocol.observed.clients import ReadinessResult
from netra_contracts.protocol.observed.observation import PhaseCheckResult

#: How many messages of a phase check are quoted; the others are counted.
_MAX_MESSAGES = 5


def phase_of(run: PhaseCheckResult) -> Phase | None:
    """The phase that a phase check belongs to."""
    return next((phase for phase in Phase if phase.value == run.phase), None)


class ReadinessCheckFailed(Check):
    """## What it does

    Reports a `phase_check` function of the application that failed: it raised an exception, returned a message, or did
    not end within its timeout. It also reports a readiness URL (`events.readiness`) that answers 200 although
    contracts are broken, or never answers 200 although they hold.

    ## Why it matters

    It covers what a contract cannot express: that a component works.

    ## Example

    ```python
    @phase_check(Phase.READINESS)
    async def database_answers(state):
        await state.db.execute("select 1")
    ```

    ## What to do

    Follow the message: it comes from the application's own check.
    """

    code = "NC507"
    name = "readiness-check-failed"
    family = EVENTS
    phase = Phase.READINESS

    def judge(self, context: Context) -> Iterable[Result]:
        """The results of phase checks, then what the readiness URL answers."""
        yield from _PhaseChecks(self, context).results()
        yield from _ReadinessUrl(self, context).results()

    def is_required(self, entry: NotRun, context: Context) -> bool:
        """The run asks for each phase check, the contract on events for the URL, unless clients were left out.

        A phase check may require a component that is optional, and is not there.
        """
        run = next((run for run in context.observation.phase_checks if run.name == entry.subject), None)
        if run is None:
            return context.recording.live
        return not any(context.statuses.of(name) == "absent" for name in run.requires)

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """A required component that does not isolate users; for the URL, a failed phase check."""
        if _is_url(finding):
            yield from (other for other in findings.of(ReadinessCheckFailed) if not _is_url(other))
            return
        runs = (run for run in context.observation.phase_checks if _subject(run) == finding.subject)
        required = next((run.requires for run in runs), ())
        yield from (cause for cause in findings.of(ISOLATION) if cause.component in required)


def _subject(run: PhaseCheckResult) -> str:
    """The phase check and, if it raised, the exception."""
    return f"{run.name} {exception_subject(run.failure) if run.failure is not None else ''}".rstrip()


def _is_url(finding: Finding) -> bool:
    """Whether a finding is about the readiness URL: phase checks are named `module:function`."""
    return finding.subject.startswith("/")


class _PhaseChecks:
    """Judges the application's own `phase_check` functions, by what they answered."""

    def __init__(self, check: Check, context: Context) -> None:
        self._check = check
        self._context = context

    def results(self) -> Iterator[Result]:
        """One finding for each function that failed."""
        until = self._context.until
        for run in self._context.observation.phase_checks:
            phase = phase_of(run)
            if phase is not None and until is not None and phase > until:
                continue
            reason = run.skipped or self._blocked(run)
            if reason:
                yield NotRun(code=self._check.code, subject=run.name, reason=reason)
            elif run.failure is not None or run.messages:
                yield self._finding(run, phase)

    def _blocked(self, run: PhaseCheckResult) -> str:
        """Why a phase check proves nothing; "" if it does. A late component was available when the check ran."""
        for name in run.requires:
            if self._context.statuses.of(name) not in ("present", "late", "unknown"):
                return f"it requires `{name}`, which is not available"
            if name in self._context.blocking.blocked:
                return f"it requires `{name}`, which is blocked by `{self._context.blocking.blocked[name].by}`"
        return ""

    def _finding(self, run: PhaseCheckResult, phase: Phase | None) -> Finding:
        messages = [one_line(message) for message in run.messages[:_MAX_MESSAGES]]
        if len(run.messages) > _MAX_MESSAGES:
            messages.append(f"and {len(run.messages) - _MAX_MESSAGES} more")
        if run.failure is not None:
            messages.append(one_line(run.failure.message))
        return self._check.finding(
            f"the phase check `{run.name}` failed: {'; '.join(messages)}",
            phase=phase,
            subject=_subject(run),
            location=own_location(run.failure, run.location) if run.failure else run.location,
            raised=located(run.failure) if run.failure else None,
            causes=causes_from_chain(run.failure) if run.failure else (),
            hint=exception_hints.hint_for(run.failure) if run.failure else "",
        )


class _ReadinessUrl:
    """Judges the readiness URL: it must answer 200 if contracts hold, and only then."""

    def __init__(self, check: Check, context: Context) -> None:
        self._check = check
        self._context = context

    def results(self) -> Iterator[Result]:
        """At most one finding."""
        contract, clients = self._context.recording.events_contract, self._context.observation.clients
        if contract is None or not contract.readiness or clients is None or not self._context.evidence.started:
            return
        seen = clients.readiness
        if seen is None:
            reason = clients.skipped or "the URL was not requested"
            yield NotRun(code=self._check.code, subject=contract.readiness, reason=reason)
        else:
            yield from self._judged(contract, seen)

    def _judged(self, contract: DeliveryContract, seen: ReadinessResult) -> Iterator[Finding]:
        broken = self._missing_component() or self._failed_phase_check()
        if broken and seen.ready_ms is not None:
            what = "is missing or None" if self._missing_component() else "fails"
            message = f"`{contract.readiness}` answers 200 although `{broken}` {what}"
            yield self._finding(
                contract, message, "200", "let the readiness URL check the components that requests need"
            )
        elif not broken and seen.ready_ms is None and self._all_hold():
            status = seen.last_status or seen.first_status
            answer = f"answers {status}" if status else f"did not answer within {contract.deadline_s:g} s"
            message = f"`{contract.readiness}` {answer} although all contracts hold"
            yield self._finding(contract, message, "not 200", "let the readiness URL answer 200 once startup has ended")

    def _finding(self, contract: DeliveryContract, message: str, answer: str, hint: str) -> Finding:
        return self._check.finding(
            message,
            severity=contract.severity,
            subject=f"{contract.readiness} {answer}",
            impact=contract.impact,
            hint=hint,
        )

    def _missing_component(self) -> str:
        """The first component that a contract requires and that is not available at the end of startup."""
        context = self._context
        names = [one.component for one in context.contracts.in_scope if not one.optional]
        gone = ("missing", "none", "lost")
        return next((name for name in names if context.statuses.of(name) in gone or context.evidence.is_lost(name)), "")

    def _failed_phase_check(self) -> str:
        """The first of the application's own checks that failed."""
        runs = self._context.observation.phase_checks
        return next((run.name for run in runs if not run.skipped and (run.failure or run.messages)), "")

    def _all_hold(self) -> bool:
        contracts = self._context.contracts.in_scope
        return all(self._context.statuses.of(one.component) in ("present", "absent") for one in contracts)


CHECKS: tuple[Check, ...] = (ReadinessCheckFailed(),)
