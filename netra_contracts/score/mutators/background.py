"""Background work that ends."""

from __future__ import annotations

from collections.abc import Iterator

from netra_contracts.protocol.observed.failures import ExceptionInfo, StageFailure
from netra_contracts.protocol.observed.observation import FailedBackgroundTask
from netra_contracts.score.facts import Edit, Facts
from netra_contracts.score.mutant import Equivalent, Mutant, Mutator


class TaskDies(Mutator):
    """A background task ends with an exception after startup, and nothing retrieves it."""

    kind = "dead-task"

    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """One: a recording does not have the tasks that go on."""
        settled = next((stage for stage in facts.observation.stages if stage.name == "settle"), None)
        if settled is None:
            return
        raised = ExceptionInfo("RuntimeError", "the work ended")
        failure = StageFailure("raised", message=raised.headline, chain=(raised,))
        task = FailedBackgroundTask("task", "netra_contracts_changed_this", settled.start_ms + settled.ms, failure)
        yield self.mutant("", "a background task ends with an exception", Edit(failed_tasks=(task,)))


MUTATORS: tuple[Mutator, ...] = (TaskDies(),)
