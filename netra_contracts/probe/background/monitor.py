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
from typing import TYPE_CHECKING, Any, Callable

from ...protocol.observed.failures import Holder, StageFailure
from ...protocol.observed.observation import BackgroundKind, FailedBackgroundTask
from ...protocol.record import replace
from ..inspection import own_code, source_locations
from ..inspection.safe_inspect import MISSING, class_attribute, class_name, standard_attribute
from ..runtime import clock, exceptions
from ..runtime.stack_snapshots import LONGEST_NAME, name_of
from . import executor_jobs
from .origins import Origin, Origins, replace_function

if TYPE_CHECKING:
    from .unreferenced_tasks import UnreferencedTasks

#: Set on an exception that has been recorded: it may pass through a task, a gather and a future.
_RECORDED = "_netra_contracts_recorded"
#: The stage in which an exception was noticed that may yet be retrieved, on that exception.
_NOTICED = "_netra_contracts_noticed"
_MOST_FAILURES = 100
#: Exceptions that end a task or a thread on purpose.
_ENDS = (SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError)
#: Stages in which the tool's server runs, whose own failures are not the application's.
_SERVED = ("isolation", "live", "shutdown")

#: The folder of asyncio, and its function that calls what is scheduled.
_ASYNCIO = asyncio.__file__.rpartition("/")[0]
_RUN_HANDLE: Any = asyncio.Handle._run.__code__  # private, by every version
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
        self._has_futures = False
        self.own: list[Any] = []
        self._unreferenced: UnreferencedTasks | None = None

    @property
    def unreferenced(self) -> UnreferencedTasks:
        """Pending tasks that were destroyed."""
        if self._unreferenced is None:
            from .unreferenced_tasks import UnreferencedTasks  # not before the target is imported

            self._unreferenced = UnreferencedTasks(self._origins)
        return self._unreferenced

    # Hooks

    def install(self) -> None:
        """Observe threads and executors, from before the import of the target on."""
        executor_jobs.install(self._origins, self._job_lost, self._future_created)
        self._observe_futures()
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
                    self._note("thread", str(standard_attribute(thread, "name", "")), error, self._origins.of(thread))
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
        if owner is not asyncio.BaseEventLoop:
            self._future_created()  # by a loop that existed before, or by one that is not written in Python
        create_task, call_exception_handler = owner.create_task, owner.call_exception_handler

        # Not a task factory: the application's own one is called, and it sees none of ours.
        def created(loop: Any, *args: Any, **kwargs: Any) -> Any:
            task = create_task(loop, *args, **kwargs)
            self._origins.note(task, 2)
            return task

        def called(loop: Any, context: Any) -> None:
            if not self._is_of_own_collection(context):
                self._reported_to_loop(context)
                call_exception_handler(loop, context)

        replace_function(owner, "create_task", created)
        replace_function(owner, "call_exception_handler", called)

    def _observe_futures(self) -> None:
        """Notice the first future that the application creates: each asks its loop whether that is in debug mode."""
        owner: Any = asyncio.BaseEventLoop
        get_debug = owner.get_debug

        def asked(loop: Any) -> Any:
            frame = sys._getframe(1)
            is_handle = frame.f_code.co_filename == _RUN_HANDLE.co_filename  # they ask as well
            if not is_handle and not _is_called_by_probe(frame):
                self._future_created()
                if owner.get_debug is asked:
                    owner.get_debug = get_debug
            return get_debug(loop)

        replace_function(owner, "get_debug", asked)

    def _future_created(self) -> None:
        self._has_futures = True

    def _may_have_futures(self) -> bool:
        """Whether there may be futures that the probe has not created."""
        return self._has_futures or any(map(_is_unobserved, subclasses(asyncio.AbstractEventLoop)))

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

    def _is_of_own_collection(self, context: Any) -> bool:
        """Whether a pending task was destroyed by the probe's collection: the application does not expect that."""
        task = context.get("task") if issubclass(type(context), dict) and "exception" not in context else None
        if task is None or standard_attribute(task, "done", lambda: True)():
            return False
        self.unreferenced.destroyed(task)
        return self.unreferenced.collecting

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
        if not self._may_have_futures():
            return
        found = self._find_failed(final)
        held = _held(found, holders)
        if len(held) < len(found):
            # A task that failed eagerly refers to itself, through its traceback. Deleted, it is reported as dropped.
            found.clear()
            gc.collect()
            found = self._find_failed(final)
            held = _held(found, holders)
        for future, error in found:
            self._note_future(future, error, holder=held.get(id(future)))

    def _find_failed(self, final: bool) -> list[tuple[Any, BaseException]]:
        from .failed_futures import unretrieved

        found = []
        for future, error in unretrieved():
            if self._is_own(future) or _RECORDED in exceptions.marks_of(error):
                continue
            if final or _kind(future) in ("task", "gather"):
                found.append((future, error))
            else:
                exceptions.marks_of(error).setdefault(_NOTICED, self._origins.stage())
        return found

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
            name[:LONGEST_NAME] or _function_that_raised(failure),
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


def _held(found: list[tuple[Any, BaseException]], holders: FindHolders | None) -> dict[int, Holder]:
    return {} if holders is None or not found else holders([future for future, _ in found])


def _is_called_by_probe(frame: Any) -> bool:
    """Whether the probe called the functions of asyncio that are innermost on the stack."""
    here = _is_called_by_probe.__code__.co_filename
    while frame is not None and frame.f_code is not _RUN_HANDLE:
        file = frame.f_code.co_filename
        if file != here and not file.startswith(_ASYNCIO):
            return own_code.is_probe(file)
        frame = frame.f_back
    return False


def _is_unobserved(loop_class: type) -> bool:
    """Whether futures may have been created that are not noticed: by uvloop, or a loop that answers by itself."""
    base = asyncio.BaseEventLoop
    if not issubclass(loop_class, base):
        return loop_class is not asyncio.AbstractEventLoop
    return loop_class is not base and "get_debug" in vars(loop_class)


def subclasses(base: Any) -> Iterator[Any]:
    """A class and all that derive from it."""
    pending = [base]
    while pending:
        cls = pending.pop()
        yield cls
        pending.extend(type.__subclasses__(cls))


def _kind(future: Any) -> BackgroundKind:
    if class_attribute(type(future), "get_coro") is not MISSING:
        return "task"
    if class_name(future) == "_GatheringFuture":
        return "gather"
    return "job" if class_attribute(type(future), "get_loop") is MISSING else "future"


def _is_of_application(failure: StageFailure, created: Any) -> bool:
    lines = [line for raised in failure.chain for line in raised.trace]
    return any(map(source_locations.is_application, [*lines, *([created] if created is not None else [])]))


def _function_that_raised(failure: StageFailure) -> str:
    """The outermost function of the application in a traceback: the one that was called in the background."""
    lines = failure.chain[0].trace if failure.chain else ()
    return next((line.function for line in lines if source_locations.is_application(line)), "")
