"""NC603: tasks that only the event loop refers to."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.background_work.family import BACKGROUND_WORK
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.wording import DURING, function_at
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.event_loop import UnreferencedTask
from netra_contracts.protocol.location import Location


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


CHECKS: tuple[Check, ...] = (UnreferencedTaskCollected(),)
