"""NC507: the user's own checks."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts import wire
from netra_contracts.checks import hints
from netra_contracts.checks.base import Check, Context, Result
from netra_contracts.checks.loading import causes_of, one_line
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Finding, NotRun


def phase_of(run: wire.CheckRun) -> Phase | None:
    """The phase a check belongs to."""
    return next((phase for phase in Phase if phase.value == run.phase), None)


class CheckFailed(Check):
    """## What it does

    Reports a `phase_check` function of the application that failed: it raised, gave a message, or did not end within
    its deadline.

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

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each function that failed."""
        for run in context.observation.checks:
            phase = phase_of(run)
            if phase is not None and context.until is not None and phase > context.until:
                continue
            broken = next((name for name in run.requires if context.standing(name) != "stands"), None)
            if run.skipped:
                yield NotRun(code=self.code, subject=run.name, reason=run.skipped)
            elif broken is not None:
                yield NotRun(code=self.code, subject=run.name, reason=f"it requires `{broken}`, which does not stand")
            elif run.fault is not None or run.messages:
                yield self._finding(run, phase)

    def _finding(self, run: wire.CheckRun, phase: Phase | None) -> Finding:
        said = [one_line(message) for message in run.messages]
        if run.fault is not None:
            said.append(one_line(run.fault.message))
        return Finding(
            code=self.code,
            severity=self.severity,
            message=f"the check `{run.name}` failed: {'; '.join(said)}",
            phase=phase,
            subject=run.name,
            location=(run.fault.location if run.fault else None) or run.location,
            causes=causes_of(run.fault) if run.fault else (),
            hint=hints.for_fault(run.fault) if run.fault else "",
        )


CHECKS: tuple[Check, ...] = (CheckFailed(),)
