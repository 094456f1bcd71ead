"""NC6xx: background tasks that failed, and what is left running after shutdown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from netra_contracts.checks.engine import exception_hints
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.exception_text import causes_from_chain, one_line
from netra_contracts.checks.engine.family import Family
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.stage_check import first_failure
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.failures import StackSnapshot
from netra_contracts.protocol.observation import FailedBackgroundTask

# Default names: `Task-3`, and `Thread-3 (poll)` since 3.10.
_NUMBERED = re.compile(r"^(Task|Thread)-\d+")


def _subject(task: FailedBackgroundTask) -> str:
    return ":".join([_NUMBERED.sub(r"\1", task.name), task.failure.chain[0].type if task.failure.chain else ""])


BACKGROUND_WORK = Family(6, "what startup leaves running")


class BackgroundDied(Check):
    """## What it does

    Reports a background task or thread that startup left running and that ended with an exception nothing retrieved.

    ## Why it matters

    The server answers requests while the consumer, the scheduler or the heartbeat has stopped.

    ## Example

    ```python
    async def lifespan(app):
        asyncio.create_task(consume(app))  # raises a moment later; the reference is dropped
        yield
    ```

    ## What to do

    Keep a reference to the task, check it in the health check, and supervise it with a `TaskGroup` or a done callback.
    To observe tasks for longer, use `--settle`.
    """

    code = "NC601"
    name = "background-task-died"
    family = BACKGROUND_WORK
    severity = Severity.WARNING
    reports_exception = True

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each."""
        for task in context.observation.failed_tasks:
            created = Cause(message="it was started here", location=task.created) if task.created else None
            yield self.finding(
                f"the background {task.kind} `{task.name}` failed: {one_line(task.failure.message)}",
                subject=_subject(task),
                location=task.failure.location or task.created,
                causes=(*causes_from_chain(task.failure), *([created] if created else [])),
                hint=exception_hints.hint_for(task.failure)
                or "keep a reference to it and supervise it; its failure went unnoticed",
            )


class LeftRunning(Check):
    """## What it does

    Reports tasks, non-daemon threads and child processes that are still running when shutdown has ended.

    ## Why it matters

    A thread keeps the process from ending, a task is destroyed in the middle of its work, and a child process is left
    behind.

    ## Example

    ```python
    async def lifespan(app):
        threading.Thread(target=poll).start()
        yield  # nothing stops the thread
    ```

    ## What to do

    Stop during shutdown what startup started: cancel and await tasks, signal and join threads.
    """

    code = "NC602"
    name = "left-running"
    family = BACKGROUND_WORK
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each kind, with the first of them by name."""
        for kind in ("task", "thread", "process"):
            stacks = [stack for stack in context.observation.left_running if stack.kind == kind]
            if stacks:
                yield self._finding(kind, stacks)

    def _finding(self, kind: str, stacks: list[StackSnapshot]) -> Finding:
        plural = {"task": "tasks", "thread": "threads", "process": "processes"}[kind]
        names = ", ".join(f"`{stack.name}`" for stack in stacks[:3])
        more = f" and {len(stacks) - 3} more" if len(stacks) > 3 else ""
        count = f"{len(stacks)} {plural if len(stacks) != 1 else kind}"
        return self.finding(
            f"{count} left running after shutdown: {names}{more}",
            subject=kind,
            location=next((stack.location for stack in stacks if stack.location), None),
            hint="stop during shutdown what startup started",
            stacks=tuple(stacks),
        )

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """A startup that failed has nothing to shut down."""
        first = None if context.evidence.started else first_failure(findings, context)
        return () if first is None else (first,)


CHECKS: tuple[Check, ...] = (BackgroundDied(), LeftRunning())
