"""Records background work that fails and whose exception nothing retrieves: tasks, futures, jobs, threads, callbacks.

asyncio decides itself whether an exception was retrieved. It tells the exception handler of the loop when a task or
future that failed is deleted; those that something still refers to are found at the end of stages. No object of the
application is kept alive.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import Any, Callable

from ...protocol.failures import Holder, StageFailure
from ...protocol.observation import BackgroundKind, FailedBackgroundTask
from ...protocol.record import replace
from ..inspection import source_locations
from ..inspection.safe_inspect import class_name
from ..runtime import clock, exceptions
from ..runtime.stack_snapshots import name_of
from . import executor_jobs
from .origins import Origin, Origins, replace_function

#: Set on an exception that has been recorded: it may pass through a task, a gather and a future.
_RECORDED = "_netra_contracts_recorded"
#: The stage in which an exception was noticed that may yet be retrieved, on that exception.
_NOTICED = "_netra_contracts_noticed"
_MOST_FAILURES = 100
#: Exceptions that end a task or a thread on purpose.
_ENDS = (SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError)
#: Stages in which the tool's server runs, whose own failures are not the application's.
_SERVED = ("isolation", "live", "shutdown")

#: Finds what refers to objects: their ids, and the holder of each.
FindHolders = Callable[[Iterable[Any]], "dict[int, Holder]"]


class BackgroundMonitor:
    """Observes all event loops, executors and threads of the process.

    Args:
        origins: what started each task, job and thread.

    Attributes:
        own: tasks of the probe, which are not observed. No set: the application's classes may define `__eq__`.
    """

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._failed: dict[Any, FailedBackgroundTask] = {}
        self._loop_classes: set[type] = set()
        self.own: list[Any] = []

    # Hooks

    def install(self) -> None:
        """Observe threads and executors, from before the import of the target on."""
        executor_jobs.install(self._origins, self._job_lost)
        target_threading: Any = sys.modules.get("threading", threading)  # not the probe's copy of the namespace
        original: Any = getattr(target_threading, "_make_invoke_excepthook", None)
        if original is None:
            return

        # Not `threading.excepthook`: the application may replace that.
        def make_invoke_excepthook() -> Callable[[Any], None]:
            invoke = original()

            def invoke_excepthook(thread: Any) -> None:
                error = sys.exc_info()[1]
                if error is not None:
                    self._note("thread", thread.name, error, self._origins.of(thread))
                del error
                invoke(thread)

            return invoke_excepthook

        target_threading._make_invoke_excepthook = make_invoke_excepthook  # private, by every version

    def observe_loops(self, loop: Any) -> None:
        """Observe the loops of a loop's class, also those of other threads.

        Args:
            loop: the loop that the target will run in.
        """
        owner: Any = asyncio.BaseEventLoop if isinstance(loop, asyncio.BaseEventLoop) else type(loop)
        if owner in self._loop_classes:
            return
        self._loop_classes.add(owner)
        create_task, call_exception_handler = owner.create_task, owner.call_exception_handler

        # Not a task factory: the application's own one is called, and it sees none of ours.
        def created(loop: Any, *args: Any, **kwargs: Any) -> Any:
            task = create_task(loop, *args, **kwargs)
            self._origins.note(task, 2)
            return task

        def called(loop: Any, context: Any) -> None:
            self._reported_to_loop(context)
            call_exception_handler(loop, context)

        replace_function(owner, "create_task", created)
        replace_function(owner, "call_exception_handler", called)

    def _reported_to_loop(self, context: Any) -> None:
        error: Any = context.get("exception") if issubclass(type(context), dict) else None
        if not issubclass(type(error), BaseException):
            return
        future = context.get("future")
        if future is None:
            future = context.get("task")
        if future is not None:
            if not self._is_own(future):
                self._note_future(future, error, dropped=True)
        elif "handle" in context:
            self._note("callback", "", error, None)

    def _is_own(self, future: Any) -> bool:
        return any(task is future for task in self.own)

    def _job_lost(self, future: Any, error: BaseException) -> None:
        self._note("job", "", error, self._origins.of(future), dropped=True)

    # Failures

    def collect(self, *, final: bool, holders: FindHolders | None = None) -> None:
        """Record failed work that something still refers to, and whose exception nothing has retrieved so far.

        Args:
            final: whether nothing will run any more. Before that, what a future or an executor's job raised may yet be
                retrieved; a failed task or gather was running and runs no more.
            holders: finds what refers to it.
        """
        found = []
        for future, error in _unretrieved():
            if self._is_own(future) or _RECORDED in exceptions.marks_of(error):
                continue
            if final or _kind(future) in ("task", "gather"):
                found.append((future, error))
            else:
                exceptions.marks_of(error).setdefault(_NOTICED, self._origins.stage())
        held = {} if holders is None or not found else holders([future for future, _ in found])
        for future, error in found:
            self._note_future(future, error, holder=held.get(id(future)))

    def _note_future(
        self, future: Any, error: BaseException, *, holder: Holder | None = None, dropped: bool = False
    ) -> None:
        kind, origin = _kind(future), self._origins.of(future)
        if kind == "future" and executor_jobs.raised_by_job(error):
            kind, origin = "job", executor_jobs.origin_of(error)
        name = name_of(future) if kind == "task" else ""
        self._note(kind, name, error, origin, holder=holder, dropped=dropped)

    def _note(
        self,
        kind: BackgroundKind,
        name: str,
        error: BaseException,
        origin: Origin | None,
        *,
        holder: Holder | None = None,
        dropped: bool = False,
    ) -> None:
        marks = exceptions.marks_of(error)
        if issubclass(type(error), _ENDS) or _RECORDED in marks or len(self._failed) >= _MOST_FAILURES:
            return
        stage = marks.get(_NOTICED, self._origins.stage())
        failure = exceptions.of_exception("raised", error)
        created = origin.location if origin is not None else None
        if stage in _SERVED and holder is None and not _is_of_application(failure, created):
            return
        marks[_RECORDED] = True
        failed = FailedBackgroundTask(
            kind,
            name or _function_that_raised(failure),
            clock.now_ms(),
            failure,
            created,
            stage,
            origin.stage if origin is not None else None,
            holder,
            dropped,
        )
        owner = holder.owner if holder is not None else ""  # one list may hold the tasks of many requests
        self._failed.setdefault((kind, failed.name, failure.message, failure.location, created, owner), failed)

    def failed(self) -> tuple[FailedBackgroundTask, ...]:
        """What has been recorded so far, in order."""
        return tuple(self._failed.values())

    def redact(self, change: Callable[[StageFailure], StageFailure]) -> None:
        """Change the failures that were recorded while users were served."""
        for key, failed in list(self._failed.items()):
            if failed.stage == "live":
                self._failed[key] = replace(failed, failure=change(failed.failure))


def _unretrieved() -> Iterator[tuple[Any, BaseException]]:
    """All futures of the process that failed, and whose exception nothing has retrieved."""
    from concurrent.futures import Future as Job

    bases = (asyncio.Future, asyncio.futures._PyFuture, Job)  # type: ignore[attr-defined]  # the implementation in Python
    classes = {id(cls) for base in bases for cls in _subclasses(base)}
    for future in [obj for obj in gc.get_objects() if id(type(obj)) in classes]:
        if issubclass(type(future), Job):
            error = executor_jobs.unretrieved(future)
        else:
            # `_exception` and not `exception()`: asking would count as having retrieved it.
            error = future._exception if getattr(future, "_log_traceback", False) else None
        if error is not None:
            yield future, error


def _subclasses(base: Any) -> Iterator[Any]:
    pending = [base]
    while pending:
        cls = pending.pop()
        yield cls
        pending.extend(type.__subclasses__(cls))


def _kind(future: Any) -> BackgroundKind:
    if hasattr(future, "get_coro"):
        return "task"
    if class_name(future) == "_GatheringFuture":
        return "gather"
    return "future" if hasattr(future, "get_loop") else "job"


def _is_of_application(failure: StageFailure, created: Any) -> bool:
    lines = [line for raised in failure.chain for line in raised.trace]
    return any(map(source_locations.is_application, [*lines, *([created] if created is not None else [])]))


def _function_that_raised(failure: StageFailure) -> str:
    """The outermost function of the application in a traceback: the one that was called in the background."""
    lines = failure.chain[0].trace if failure.chain else ()
    return next((line.function for line in lines if source_locations.is_application(line)), "")
