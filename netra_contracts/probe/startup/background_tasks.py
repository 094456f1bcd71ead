"""Records background tasks and threads that end with an exception which nobody retrieves."""

from __future__ import annotations

import threading
from typing import Any

from ...protocol.observation import FailedBackgroundTask
from ..inspection import source_locations
from ..runtime import clock, exceptions


def name_of(task: Any) -> str:
    """The name that a task was given, else that of the function it runs."""
    name = str(task.get_name())
    numbered = name.startswith("Task-") and name[5:].isdigit()
    return str(getattr(task.get_coro(), "__qualname__", name)) if numbered else name


class BackgroundTaskMonitor:
    """Observes tasks through the loop's task factory, because `all_tasks` has no finished ones, and threads by a hook.

    Attributes:
        own: tasks of the probe, which are not observed.
    """

    def __init__(self) -> None:
        self._failed_tasks: list[tuple[Any, int, source_locations.Site | None]] = []
        self._failed_threads: list[FailedBackgroundTask] = []
        self._created: dict[int, source_locations.Site | None] = {}
        self.own: Any = set()

    def install(self, loop: Any) -> None:
        """Observe the tasks that a loop creates from now on, and all threads of the process."""
        import asyncio

        def factory(loop: Any, coroutine: Any, **kwargs: Any) -> Any:
            task = asyncio.Task(coroutine, loop=loop, **kwargs)
            self._created[id(task)] = source_locations.first_application_frame(2)
            task.add_done_callback(self._done)
            return task

        loop.set_task_factory(factory)
        hook = threading.excepthook

        def excepthook(args: Any, /) -> None:
            if args.exc_value is not None and args.exc_type is not SystemExit:
                name = args.thread.name if args.thread is not None else "thread"
                failure = exceptions.of_exception("raised", args.exc_value)
                self._failed_threads.append(FailedBackgroundTask("thread", name, clock.now_ms(), failure))
            hook(args)

        threading.excepthook = excepthook

    def _done(self, task: Any) -> None:
        site = self._created.pop(id(task), None)
        # `_exception` and not `exception()`: asking would count as having retrieved it.
        if not task.cancelled() and getattr(task, "_exception", None) is not None and task not in self.own:
            self._failed_tasks.append((task, clock.now_ns(), site))

    def failed(self) -> tuple[FailedBackgroundTask, ...]:
        """Tasks and threads that ended with an exception which nobody has retrieved so far, in order."""
        found = []
        for task, ns, site in self._failed_tasks:
            # The interpreter's own record of "never retrieved", which it logs when the task is collected.
            if not getattr(task, "_log_traceback", False):
                continue
            failure = exceptions.of_exception("raised", task._exception)
            found.append(
                FailedBackgroundTask("task", name_of(task), clock.ms(ns), failure, source_locations.location(site))
            )
        return tuple(found + self._failed_threads)
