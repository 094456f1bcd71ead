"""Finds pending tasks that the garbage collector destroys: asyncio refers to tasks weakly.

What a task waits for refers to it, so one that waits for a timer, a socket or a queue of the application is kept. One
that waits for what only itself refers to is garbage. That is proved by a collection, once all other evidence is taken.
asyncio does not report those that `gather` creates, so they are seen only if that collection destroys them.
"""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from ...protocol.observed.event_loop import UnreferencedTask
from ...protocol.record import replace
from ..inspection import source_locations
from ..inspection.safe_inspect import class_name, standard_attribute
from ..runtime.stack_snapshots import LONGEST_NAME, coroutine_of, name_of, task_stack, tasks_of
from .origins import Origins

_MOST_TASKS = 100
#: Stages whose tasks belong to the startup.
_OF_STARTUP = ("import", "build", "startup", "settle")


class UnreferencedTasks:
    """The tasks of the startup that were destroyed before the shutdown while they were pending.

    Args:
        origins: what started each task.

    Attributes:
        collecting: whether the probe itself collects garbage.
    """

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._destroyed: list[UnreferencedTask] = []
        self.collecting = False

    def destroyed(self, task: Any) -> None:
        """Note that the garbage collector has destroyed a pending task by itself."""
        loop = standard_attribute(task, "get_loop", lambda: None)()
        if self.collecting or not getattr(loop, "is_running", bool)():
            return  # the task of a loop that has ended can never go on
        found = self._describe(task)
        if found is not None and self._origins.stage() in (*_OF_STARTUP, "isolation", "live"):
            self._add(replace(found, stage=self._origins.stage()))

    def collect(self, loop: Any, own: Iterable[Any]) -> None:
        """Collect garbage once, and note which pending tasks it destroys.

        Args:
            loop: the running loop of the target.
            own: tasks of the probe.
        """
        if not gc.isenabled():  # nothing collects tasks then
            return
        candidates = self._candidates(loop, own)
        if not candidates:
            return
        self.collecting = True
        gc.collect()
        self.collecting = False
        for reference, found in candidates:
            if reference() is None:
                self._add(found)

    def _candidates(self, loop: Any, own: Iterable[Any]) -> list[tuple[weakref.ref[Any], UnreferencedTask]]:
        """Pending tasks that nothing obvious keeps, and what they are. No reference to them is left.

        Empty if each of them waits for a timer of the loop, is about to run, or waits for such a task.
        """
        tasks = tasks_of(loop, own)
        timed = {id(argument) for timer in list(getattr(loop, "_scheduled", ())) for argument in timer._args or ()}
        pending = set(map(id, tasks))
        candidates = []
        is_needed = False
        for task in tasks:
            waits_for = getattr(task, "_fut_waiter", None)
            found = self._describe(task) if waits_for is not None and id(waits_for) not in timed else None
            if found is not None:
                candidates.append((weakref.ref(task), found))
                is_needed = is_needed or (id(waits_for) not in pending and not _is_in_module(task))
        return candidates if is_needed else []

    def _describe(self, task: Any) -> UnreferencedTask | None:
        """What a task is; None: it is not one of the startup."""
        origin = self._origins.of(task)
        stage = origin.stage if origin is not None else None
        if (stage or self._origins.stage()) not in _OF_STARTUP:
            return None
        coroutine = coroutine_of(task)
        code = getattr(coroutine, "cr_code", None) if class_name(coroutine) == "coroutine" else None
        return UnreferencedTask(
            name_of(task)[:LONGEST_NAME],
            source_locations.location_of_code(code) if code is not None else None,
            origin.location if origin is not None else None,
            stage,
            task_stack(task).location,
        )

    def _add(self, found: UnreferencedTask) -> None:
        if len(self._destroyed) < _MOST_TASKS:
            self._destroyed.append(found)

    def found(self) -> tuple[UnreferencedTask, ...]:
        """What was destroyed so far, by the line that created it: asyncio gives tasks in no order."""
        return tuple(sorted(self._destroyed, key=_order))


def _is_in_module(task: Any) -> bool:
    """Whether a module has a task, or a set, list or dictionary with it, as a global.

    Most tasks that are kept are kept like that. Finding out takes a fraction of the time of a collection.
    """
    kept = [referrer for referrer in gc.get_referrers(task) if type(referrer) in (set, list, dict)]
    names = [vars(module) for module in list(sys.modules.values()) if type(module) is ModuleType]
    namespaces = set(map(id, names))
    held = {id(value) for namespace in names for value in list(namespace.values()) if type(value) in (set, list, dict)}
    return any(id(referrer) in namespaces or id(referrer) in held for referrer in kept)


def _order(task: UnreferencedTask) -> tuple[str, int, str]:
    return (task.created.file, task.created.line, task.name) if task.created is not None else ("", 0, task.name)
