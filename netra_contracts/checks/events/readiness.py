"""The check of readiness: NC507."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.engine import exception_hints
from netra_contracts.checks.engine.check import Check, Context, Result
from netra_contracts.checks.engine.exception_text import causes_from_chain, one_line
from netra_contracts.checks.events.family import EVENTS
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Finding, NotRun
from netra_contracts.protocol.observation import PhaseCheckResult

#: How much of what a check says is told: the rest is counted.
_MOST_MESSAGES = 5


def phase_of(run: PhaseCheckResult) -> Phase | None:
    """The phase a check belongs to."""
    return next((phase for phase in Phase if phase.value == run.phase), None)


def _not_there(context: Context) -> str:
    """The first component that is not there at the end of the startup, though a contract says that it must be."""
    gone = ("missing", "none", "lost")
    names = [one.component for one in context.contracts if not one.optional]
    return next((name for name in names if context.status(name) in gone or context.is_lost(name)), "")


def _all_stand(context: Context) -> bool:
    return all(context.status(one.component) in ("present", "absent") for one in context.contracts)


def _failed_check(context: Context) -> str:
    """The first of the application's own checks that failed."""
    runs = context.observation.checks
    return next((run.name for run in runs if not run.skipped and (run.fault or run.messages)), "")


class CheckFailed(Check):
    """## What it does

    Reports a `phase_check` function of the application that failed: it raised, gave a message, or did not end within
    its deadline. Also a readiness URL (`events.readiness`) that answers 200 although contracts are broken, or never
    does although they hold.

    ## Why it matters

    It says what no contract can: that the component works.

    ## Example

    ```python
    @phase_check(Phase.READINESS)
    async def database_answers(state):
        await state.db.execute("select 1")
    ```

    ## What to do

    What the message says; the check is the application's own.
    """

    code = "NC507"
    name = "readiness-check-failed"
    family = EVENTS

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each function that failed."""
        for run in context.observation.checks:
            phase = phase_of(run)
            if phase is not None and context.until is not None and phase > context.until:
                continue
            reason = run.skipped or self._blocked(run, context)
            if reason:
                yield NotRun(code=self.code, subject=run.name, reason=reason)
            elif run.fault is not None or run.messages:
                yield self._finding(run, phase)
        yield from self._of_url(context)

    def _of_url(self, context: Context) -> Iterable[Result]:
        """What the readiness URL says, against what is so."""
        events, live = context.recording.events_contract, context.observation.clients
        if events is None or not events.readiness or live is None or not context.started:
            return
        seen = live.readiness
        if seen is None or seen.first_status is None:
            reason = live.skipped or "the URL gave no answer"
            yield NotRun(code=self.code, subject=events.readiness, reason=reason)
            return
        broken = _not_there(context) or _failed_check(context)
        if broken and seen.ready_ms is not None:
            what = "is not there, or None" if _not_there(context) else "fails"
            told = f"`{events.readiness}` answers 200 although `{broken}` {what}"
            hint = "let the readiness URL look at the components that requests need"
        elif not broken and seen.ready_ms is None and _all_stand(context):
            told = f"`{events.readiness}` answers {seen.last_status or seen.first_status} although all contracts hold"
            hint = "let the readiness URL answer 200 once the startup has ended"
        else:
            return
        yield Finding(
            code=self.code,
            severity=events.severity,
            message=told,
            phase=Phase.READINESS,
            subject=events.readiness,
            impact=events.impact,
            hint=hint,
        )

    @staticmethod
    def _blocked(run: PhaseCheckResult, context: Context) -> str:
        """Why what a check says proves nothing; "" if it does. A component that was late was there when it ran."""
        for name in run.requires:
            if context.status(name) not in ("present", "late", "unknown"):
                return f"it requires `{name}`, which does not stand"
            if name in context.blocked:
                return f"it requires `{name}`, which is blocked by `{context.blocked[name].by}`"
        return ""

    def _finding(self, run: PhaseCheckResult, phase: Phase | None) -> Finding:
        said = [one_line(message) for message in run.messages[:_MOST_MESSAGES]]
        if len(run.messages) > _MOST_MESSAGES:
            said.append(f"and {len(run.messages) - _MOST_MESSAGES} more")
        if run.fault is not None:
            said.append(one_line(run.fault.message))
        return Finding(
            code=self.code,
            severity=self.severity,
            message=f"the check `{run.name}` failed: {'; '.join(said)}",
            phase=phase,
            subject=run.name,
            location=(run.fault.location if run.fault else None) or run.location,
            causes=causes_from_chain(run.fault) if run.fault else (),
            hint=exception_hints.for_fault(run.fault) if run.fault else "",
        )


CHECKS: tuple[Check, ...] = (CheckFailed(),)
