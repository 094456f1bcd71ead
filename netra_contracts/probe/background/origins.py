"""Records which line started each task, executor job, thread and process, and in which stage."""

from __future__ import annotations

import os
import sys
import threading
import weakref
from types import ModuleType
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from ...protocol.location import Location
from ...protocol.stages import StageName
from ..inspection import source_locations

if TYPE_CHECKING:
    from .started_code import Started


class Origin(NamedTuple):
    """The line that started something, and the stage in which it did."""

    site: source_locations.Site | None
    stage: StageName

    @property
    def location(self) -> Location | None:
        """The line, with an absolute path."""
        return source_locations.location(self.site)


class Origins:
    """Origins by object; processes by their id.

    Args:
        stage: returns the current stage.
    """

    def __init__(self, stage: Callable[[], StageName]) -> None:
        self.stage = stage
        # By id, and not a `WeakKeyDictionary`, which calls `__eq__` and `__hash__` of the application's classes.
        self._by_id: dict[int, tuple[weakref.ref[Any], Origin]] = {}
        # Of objects that have just been found to be garbage: their finalizers, which report failures, run after the
        # callbacks of weak references. By id and class, until the next object is noted.
        self._dying: dict[tuple[int, int], Origin] = {}
        self._by_pid: dict[int, Origin] = {}
        self._started_as: dict[int, Started] = {}

    def note(self, started: Any, depth: int) -> None:
        """Record that the code `depth` calls up started an object."""
        key, kind = id(started), id(type(started))

        def dies(_: Any) -> None:
            self._dying[key, kind] = self._by_id.pop(key)[1]

        try:
            reference = weakref.ref(started, dies)
        except TypeError:  # a class of the application without weak references
            return
        self._dying.clear()
        self._by_id[key] = reference, self._origin(depth + 1)

    def note_process(self, pid: int | None, depth: int, started: Started | None = None) -> None:
        """Record that the code `depth` calls up started a process.

        Args:
            pid: the id of the process.
            depth: how many calls up.
            started: what it runs; None: its command says that.
        """
        if pid:
            if started is not None:
                self._started_as[pid] = started
            self._by_pid.setdefault(pid, self._origin(depth + 1))

    def _origin(self, depth: int) -> Origin:
        return Origin(self.site(depth + 1), self.stage())

    def site(self, depth: int) -> source_locations.Site | None:
        """The line of the application `depth` calls up; of a thread without such lines, the line that started it."""
        found = source_locations.first_application_frame(depth + 1)
        if found is None:
            thread = threading._active.get(threading.get_ident())  # type: ignore[attr-defined]  # no public look-up
            origin = self.of(thread) if thread is not None else None
            found = origin.site if origin is not None else None
        return found

    def of(self, started: Any) -> Origin | None:
        """The origin of an object; None: unknown."""
        reference, origin = self._by_id.get(id(started), (None, None))
        if reference is not None and reference() is started:
            return origin
        return self._dying.get((id(started), id(type(started))))

    def of_process(self, pid: int) -> Origin | None:
        """The origin of a process; None: unknown."""
        return self._by_pid.get(pid)

    def started_as(self, pid: int) -> Started | None:
        """What a process was started with; None: its command says that."""
        return self._started_as.get(pid)

    def install(self) -> None:
        """Observe starts of threads and forks, from before the import of the target on."""
        start = threading.Thread.start

        def started(thread: threading.Thread) -> None:
            self.note(thread, 2)
            start(thread)

        replace_function(threading.Thread, "start", started)
        target_os: Any = sys.modules.get("os", os)  # not the probe's copy of the namespace
        fork = getattr(target_os, "fork", None)
        if fork is not None:

            def forked() -> int:
                pid: int = fork()
                self.note_process(pid, 2)
                return pid

            replace_function(target_os, "fork", forked)

    def hook_subprocess(self, module: ModuleType) -> None:
        """Observe the processes of an imported `subprocess`."""
        popen: Any = module.__dict__["Popen"]
        initialise = popen.__init__

        def __init__(process: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - replaces the method of the class
            initialise(process, *args, **kwargs)
            self.note_process(process.pid, 2)

        replace_function(popen, "__init__", __init__)

    def hook_multiprocessing(self, module: ModuleType) -> None:
        """Observe the processes of an imported `multiprocessing.process`."""
        process_class: Any = module.__dict__["BaseProcess"]
        start = process_class.start

        def started(process: Any) -> None:
            from .started_code import of_process

            what = of_process(process)  # `start` deletes the target
            start(process)
            self.note_process(process.pid, 2, what)

        replace_function(process_class, "start", started)


def replace_function(owner: Any, name: str, function: Any) -> None:
    """Replace a function, and leave what describes it as `functools.wraps` does."""
    original = getattr(owner, name)
    function.__wrapped__ = original
    for attribute in ("__name__", "__qualname__", "__doc__", "__module__"):
        setattr(function, attribute, getattr(original, attribute, None))
    setattr(owner, name, function)
