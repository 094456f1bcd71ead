"""NC603 and NC604: tasks that only the event loop refers to, and lines that block it."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.background_work.family import BACKGROUND_WORK
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.wording import DURING, function_at, milliseconds
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.event_loop import BlockedLoop, UnreferencedTask


class UnreferencedTaskCollected(Check):
    """## What it does

    Reports pending tasks of the startup that the garbage collector destroyed, because only the event loop referred to
    them. The event loop keeps weak references to tasks. If no collection has destroyed such a task before, one
    collection proves it: it runs after all other evidence has been taken, right before the shutdown, and only if there
    is a task that may be affected.

    What a task waits for also refers to it. A task that sleeps is kept by the timer of the event loop, one that reads
    from a socket by the selector, one that waits for a queue by whatever has the queue, one that waits for a thread by
    the executor. Such a task is not reported. A task that waits for an event, a future or a queue that nothing but
    itself can reach is destroyed, with every coroutine and task that waits for it.

    A strong reference is required for the result of `asyncio.create_task`, `loop.create_task`, `asyncio.ensure_future`
    of a coroutine, `asyncio.gather`, and for the task inside `asyncio.shield`. It is not required for tasks of a
    `TaskGroup` or an anyio task group while its block is suspended in something that is referred to, for functions in
    `run_in_executor`, for coroutines given to `asyncio.run_coroutine_threadsafe` as long as they are scheduled, and for
    `call_later` and `call_at`.

    The check does not run if the application has disabled the garbage collector. Tasks that `asyncio.gather` creates
    are not seen if they are destroyed before that collection.

    ## Why it matters

    The task ends in the middle of its work, at a moment that nothing determines. Its `finally` blocks run, no exception
    is raised, and asyncio logs "Task was destroyed but it is pending!".

    ## Example

    ```python
    async def lifespan(app):
        asyncio.create_task(watch(app))  # waits for an object that only the task itself refers to
        yield
    ```

    ## What to do

    Keep a reference to the task until it is done:

    ```python
    task = asyncio.create_task(watch(app))
    app.state.tasks.add(task)
    task.add_done_callback(app.state.tasks.discard)
    ```
    """

    code = "NC603"
    name = "unreferenced-task-collected"
    family = BACKGROUND_WORK
    observes_whole_run = True
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each function that was run, however many tasks ran it."""
        by_subject: dict[str, list[UnreferencedTask]] = {}
        for task in context.observation.unreferenced_tasks:
            if not _started_by_another(task, context.observation.unreferenced_tasks):
                by_subject.setdefault(_subject(task), []).append(task)
        for subject, tasks in by_subject.items():
            first = tasks[0]
            named = f"task `{first.name}`" if first.name else "task"
            what = f"the pending {named} was" if len(tasks) == 1 else f"{len(tasks)} pending tasks `{first.name}` were"
            yield self.finding(
                f"{what} destroyed by the garbage collector: only the event loop referred to "
                + ("it" if len(tasks) == 1 else "them"),
                subject=subject,
                location=first.created or first.waited_at or first.function,
                causes=_causes(first),
                hint="keep a reference to the task until it is done, for example in a set in `app.state`",
            )


def _subject(task: UnreferencedTask) -> str:
    return f"task {function_at(task.function) or function_at(task.created) or task.name}"


def _started_by_another(task: UnreferencedTask, tasks: Iterable[UnreferencedTask]) -> bool:
    """Whether the function of another destroyed task created this one: it was destroyed with that one."""
    creator = _code(task.created)
    return creator is not None and any(_code(other.function) == creator for other in tasks if other is not task)


def _code(location: Location | None) -> tuple[str, str] | None:
    return (location.file, location.function) if location is not None else None


def _causes(task: UnreferencedTask) -> Iterable[Cause | None]:
    """What created it, where it waited, and when it was destroyed."""
    if task.created is not None:
        yield Cause(message="it was created here, and nothing keeps the result", location=task.created)
    if task.waited_at is not None:
        yield Cause(message="it waited here, for what only the task itself refers to", location=task.waited_at)
    when = DURING[task.stage] if task.stage is not None else "by the collection that `check` runs before the shutdown"
    yield Cause(message=f"it was destroyed {when}")


class EventLoopBlocked(Check):
    """## What it does

    Reports lines that block the event loop during startup: a step of the loop that takes longer than
    `blocking-threshold` (100 ms). While it runs, nothing else does: no other task, no timer, no signal handler.

    The stack of the loop's thread is sampled every 10 ms. The finding names the line of the application that is
    innermost on the stack in most samples; if there is none, the line of a library. All lines of one function that take
    longer than the threshold are one finding. Time in which the system did not run the thread, because the machine was
    busy, does not count (Linux), nor does the work of the tool itself. C code that holds the interpreter's lock stops
    the sampling as well: its time is reported at the line that runs when the lock is free, which may be a later one,
    and is not reported if the step ends before the next sample.

    Work during import and build is not reported: no event loop runs then that others could wait for.

    ## Why it matters

    Startup tasks that could run at the same time wait for each other, and connections that were opened before run into
    timeouts. The same call in a request handler stops all users.

    ## Example

    ```python
    async def lifespan(app):
        app.state.model = load_model()  # 3 s
        yield
    ```

    ## What to do

    Use an asynchronous client, or call the function in a thread: `await asyncio.to_thread(load_model)`. If nothing else
    has to run during startup, raise `blocking-threshold` or ignore the code.
    """

    code = "NC604"
    name = "event-loop-blocked"
    family = BACKGROUND_WORK
    severity = Severity.NOTE

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each function, however often and with however many lines it blocked the loop."""
        by_subject: dict[str, list[BlockedLoop]] = {}
        for block in context.observation.blocked_loop:
            by_subject.setdefault(function_at(block.location) or "unknown", []).append(block)
        for subject, blocks in by_subject.items():
            longest = max(blocks, key=lambda block: block.ms)
            in_all_ms = sum(block.ms for block in blocks)
            times = f" ({len(blocks)} times, {milliseconds(longest.ms)} at most)" if len(blocks) > 1 else ""
            function = longest.location.function if longest.location is not None else ""
            by = f"`{function}`" if function else "an unknown line"
            yield self.finding(
                f"{by} blocked the event loop for {milliseconds(in_all_ms)} during startup{times}",
                subject=subject,
                location=longest.location,
                causes=_lines(blocks, longest),
                hint="await an asynchronous function instead, or call this one with `await asyncio.to_thread(...)`",
            )


def _lines(blocks: Iterable[BlockedLoop], longest: BlockedLoop) -> Iterable[Cause]:
    """Where the longest block was, and other lines that blocked the loop."""
    if longest.inside is not None:
        yield Cause(message=f"it was in `{function_at(longest.inside)}`", location=longest.inside)
    by_line: dict[Location | None, float] = {}
    for block in blocks:
        by_line[block.location] = by_line.get(block.location, 0.0) + block.ms
    if len(by_line) > 1:
        for location, ms in sorted(by_line.items(), key=lambda line: -line[1])[:5]:
            yield Cause(message=f"{milliseconds(ms)} at this line", location=location)


CHECKS: tuple[Check, ...] = (UnreferencedTaskCollected(), EventLoopBlocked())
