"""NC601 and NC602: background work that failed, and what is left running after shutdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from netra_contracts.checks.background_work.family import BACKGROUND_WORK
from netra_contracts.checks.components.family import COMPONENTS
from netra_contracts.checks.components.use_of_none import causes_of_use
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.explanations import exception_hints
from netra_contracts.checks.engine.explanations.exception_text import causes_from_chain, located, one_line, own_location
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.received_events import ReceivedEvents
from netra_contracts.checks.engine.stage_check import exception_subject, first_failure
from netra_contracts.checks.engine.wording import DURING, function_at
from netra_contracts.checks.events.connecting import ClientsNotConnected
from netra_contracts.checks.events.delivery import EventMissing
from netra_contracts.checks.events.family import EVENTS
from netra_contracts.checks.events.misbehaving_clients import LostOnReconnect, SlowReader
from netra_contracts.checks.lifecycle.lifespan import ShutdownFailed
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.observed.failures import Holder, StackSnapshot
from netra_contracts.protocol.observed.observation import BackgroundKind, FailedBackgroundTask

# Default names: `Task-3`, and `Thread-3 (poll)` since 3.10.
_NUMBERED = re.compile(r"^(Task|Thread)-\d+")

_SUBJECTS: Mapping[BackgroundKind, str] = {
    "task": "the background task `{}`",
    "thread": "the background thread `{}`",
    "gather": "`{}`, which `asyncio.gather` runs in the background,",
    "future": "the background future of `{}`",
    "job": "the background job `{}`",
    "callback": "the background callback `{}`",
}
_HINTS: Mapping[BackgroundKind, str] = {
    "thread": "catch exceptions in the function of the thread, and report that it has ended",
    "callback": "catch exceptions in the callback: the event loop logs them and goes on",
    "job": "ask its future for the result, or add a done callback that reports its exception",
}


#: What to do about work that is left, by its kind.
_STOP: Mapping[Literal["task", "thread", "process"], str] = {
    "task": "cancel and await it during shutdown",
    "thread": "signal and join it during shutdown",
    "process": "end it during shutdown, and wait for it",
}


def _subject(task: FailedBackgroundTask) -> str:
    """What failed: the function that was called in the background, and the exception. A name may have a number."""
    raised = task.failure.chain[:1]
    trace = (raised[0].calls or raised[0].trace) if raised else ()
    function = function_at(trace[0]) if trace else _NUMBERED.sub(r"\1", task.name)
    starter = function_at(task.created) if raised and trace and not raised[0].calls else ""
    started = f"{function} from {starter}" if starter else function
    return " ".join(filter(None, (task.kind, started, exception_subject(task.failure))))


def _described(task: FailedBackgroundTask) -> str:
    """The work, with its name if it has one."""
    return _SUBJECTS[task.kind].format(task.name) if task.name else f"a background {task.kind}"


def _held_by(holder: Holder) -> str:
    """What refers to an object, in words."""
    if holder.kind == "local":
        return f"the local variable `{holder.path}` of `{holder.owner}`"
    return f"the module global `{holder.path}`" if holder.kind == "module" else f"`{holder.path}`"


def _broken(holder: Holder | None, findings: Findings) -> Iterator[Finding]:
    """Findings about the component that refers to something."""
    if holder is not None and holder.kind == "component":
        yield from findings.of(COMPONENTS, component=holder.owner)


class BackgroundDied(Check):
    """## What it does

    Reports background work that ended with an exception which nothing retrieved: tasks, threads, futures and gathers
    that nothing awaits, jobs of executors, coroutines given to `asyncio.run_coroutine_threadsafe`, and callbacks of the
    event loop. It observes them after startup, while instances for users are created, while clients are served, and
    during shutdown.

    The cause chain says what keeps the reference to it, or that it was dropped. A failure that something retrieves is
    not reported: an awaited task, a `TaskGroup`, `gather(..., return_exceptions=True)`, a done callback that calls
    `exception()`. The failure of a future or of a job is reported if nothing has retrieved it by the end of shutdown.

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
    observes_whole_run = True
    severity = Severity.WARNING
    reports_exception = True

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each, with the severity of the contract on the component that refers to it.

        If events were lost because it had failed, the severity is at least that of the event contract.
        """
        for task in context.observation.failed_tasks:
            during = f" {DURING[task.stage]}" if task.stage not in ("startup", "settle") else ""
            owner = task.holder.owner if task.holder is not None and task.holder.kind == "component" else ""
            contract = context.contracts.by_component.get(owner)
            severities = [contract.severity] if contract is not None else [self.severity]
            if _stopped_delivery(task, context) and context.recording.events_contract is not None:
                severities.append(context.recording.events_contract.severity)
            yield self.finding(
                f"{_described(task)} failed{during}: {one_line(task.failure.message)}",
                severity=min(severities, key=lambda severity: severity.rank),
                component=contract.component if contract is not None else "",
                phase=contract.phase if contract is not None else None,
                impact=contract.impact if contract is not None else "",
                subject=_subject(task),
                location=own_location(task.failure, task.created),
                raised=located(task.failure),
                causes=(*causes_from_chain(task.failure), *_history(task)),
                hint=exception_hints.hint_for(task.failure) or _hint(task),
            )

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """A broken component that refers to it; events that did not arrive because of it; a shutdown that failed."""
        tasks = _tasks_of(finding, context)
        for task in tasks:
            yield from _broken(task.holder, findings)
        yield from causes_of_use([task.failure for task in tasks], finding, findings)
        if finding.location is not None and any(_is_of_client(task, context) for task in tasks):
            events = findings.of(EVENTS)
            yield from (one for one in events if finding.location in [cause.location for cause in one.causes])
        if any(task.stage == "shutdown" for task in tasks):
            yield from findings.of(ShutdownFailed)

    def leads_to(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """Events that were lost because it had failed, and scenarios that could not be tried for that reason."""
        if not any(_stopped_delivery(task, context) for task in _tasks_of(finding, context)):
            return ()
        return findings.of(EventMissing, SlowReader, LostOnReconnect, ClientsNotConnected)


def _tasks_of(finding: Finding, context: Context) -> list[FailedBackgroundTask]:
    return [task for task in context.observation.failed_tasks if _subject(task) == finding.subject]


def _stopped_delivery(task: FailedBackgroundTask, context: Context) -> bool:
    """Whether events were lost because a task failed while clients were served.

    Events arrived until then, and none after that; or the task had been started before any client was connected, and
    the events of normal clients broke off.
    """
    received = _received(context) if task.stage == "live" else None
    if received is None:
        return False
    return received.has_stopped or (_was_started_before_clients(task) and received.has_broken_off)


def _is_of_client(task: FailedBackgroundTask, context: Context) -> bool:
    """Whether a task failed while clients were served that one of them may have started, and that served no other."""
    return task.stage == "live" and not _was_started_before_clients(task) and not _stopped_delivery(task, context)


def _was_started_before_clients(task: FailedBackgroundTask) -> bool:
    return task.started_in not in (None, "live", "shutdown")


def _received(context: Context) -> ReceivedEvents | None:
    contract, clients = context.recording.events_contract, context.observation.clients
    return ReceivedEvents(contract, clients) if contract is not None and clients is not None else None


def _history(task: FailedBackgroundTask) -> Iterator[Cause]:
    """What started it, and what refers to it."""
    if task.created is not None:
        yield Cause(message="it was started here", location=task.created)
    if task.holder is not None:
        yield Cause(message=f"its handle is kept in {_held_by(task.holder)}, and nothing awaits it")
    elif task.dropped:
        yield Cause(message="its handle was dropped: nothing refers to it")


def _hint(task: FailedBackgroundTask) -> str:
    if task.kind in _HINTS:
        return _HINTS[task.kind]
    if task.holder is not None:
        return f"await {_held_by(task.holder)}, or add a done callback that reports its exception"
    return "keep a reference to it and supervise it; its failure went unnoticed"


class LeftRunning(Check):
    """## What it does

    Reports tasks, non-daemon threads and child processes that are still running when shutdown has ended, with the
    line that started them, when that was (startup, isolation, a client, shutdown), and what refers to them. Each
    function or command that was started is one finding, with the number of its instances.

    Not reported: daemon threads, which do not keep a process from ending; workers of executors that wait for work,
    which the interpreter joins; tasks that shutdown has cancelled, and threads that end within 1.5 s.

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
    observes_whole_run = True
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each function or command that was started, however many instances of it are left."""
        by_subject: dict[str, list[StackSnapshot]] = {}
        for stack in context.observation.left_running:
            by_subject.setdefault(_started_as(stack), []).append(stack)
        for kind in _STOP:
            for subject, stacks in by_subject.items():
                if stacks[0].kind == kind:
                    yield self._finding(context, subject, stacks)

    def _finding(self, context: Context, subject: str, stacks: list[StackSnapshot]) -> Finding:
        return self.finding(
            f"{_left(stacks)} left running after shutdown",
            subject=subject,
            causes=[*_origins(stacks), context.evidence.shutdown_delay],
            location=next((stack.location for stack in stacks if stack.location), None),
            hint=_STOP[stacks[0].kind],
            stacks=tuple(stacks),
        )

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """A startup that failed has nothing to shut down; a shutdown that failed stops half way; a broken component."""
        first = None if context.evidence.started else first_failure(findings, context)
        if first is not None:
            yield first
        yield from findings.of(ShutdownFailed)
        for stack in finding.stacks:
            yield from _broken(stack.holder, findings)


def _started_as(stack: StackSnapshot) -> str:
    """What was started: the same in each run, whatever the number, the name or the id of the instance.

    A function of a library and a command may be started for several purposes: by which function of the application
    tells them apart.
    """
    name = stack.function or _NUMBERED.sub(r"\1", stack.name.partition(" (pid ")[0])
    starter = "" if stack.own or not stack.function else function_at(stack.started)
    return f"{stack.kind} {name}" + (f" from {starter}" if starter else "")


def _left(stacks: list[StackSnapshot]) -> str:
    """What is left, by name: `task `poll`, or how many with the names of the first."""
    first = stacks[0]
    function = first.function.rpartition(":")[2]
    name = first.name.partition(" (pid ")[0]
    of = f" of `{function}`" if function and function not in (name, name.rpartition(".")[2]) else ""
    plural = {"task": "tasks", "thread": "threads", "process": "processes"}[first.kind]
    names = list(dict.fromkeys(stack.name for stack in stacks))
    count = first.kind if len(stacks) == 1 else f"{len(stacks)} {plural}"
    if len(names) == 1:
        return f"{count} `{names[0]}`{of}"
    listed = ", ".join(f"`{name}`" for name in names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{count}{of} ({listed}{more})"


def _origins(stacks: list[StackSnapshot]) -> list[Cause]:
    """What started the first of several instances, each line once."""
    causes = [cause for stack in stacks if (cause := _origin(stack)) is not None]
    by_line = {(cause.location or cause.message): cause for cause in reversed(causes)}
    return list(reversed(by_line.values()))[:3]


def _origin(stack: StackSnapshot) -> Cause | None:
    """What started something that is left running, and what refers to it."""
    holder = _held_by(stack.holder) if stack.holder is not None else ""
    if stack.started_in is None:
        return Cause(message=f"{holder} refers to `{stack.name}`") if holder else None
    held = f", and {holder} refers to it" if holder else ""
    return Cause(message=f"`{stack.name}` was started {DURING[stack.started_in]}{held}", location=stack.started)


CHECKS: tuple[Check, ...] = (BackgroundDied(), LeftRunning())
