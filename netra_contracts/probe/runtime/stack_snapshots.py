"""Stacks of tasks and threads."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterable
from typing import Any, Literal

from ...protocol.failures import StackSnapshot
from ...protocol.location import Location
from ..inspection import own_code, source_locations
from ..inspection.safe_inspect import class_name

_DEEPEST = 100
_GET_CORO_CRASHES = (3, 12) <= sys.version_info < (3, 12, 2)


def name_of(task: Any) -> str:
    """The name that a task was given, else that of the function it runs; empty: neither is known."""
    name = str(task.get_name())
    # In Python 3.12 and 3.13 a task factory leaves the name "None".
    if name != "None" and not (name.startswith("Task-") and name[5:].isdigit()):
        return name
    # Before 3.12.2 `get_coro` of a task that ended eagerly crashes the interpreter.
    coroutine = None if _GET_CORO_CRASHES and task.done() else task.get_coro()
    return str(getattr(coroutine, "__qualname__", ""))


def _coroutine_lines(coroutine: Any) -> list[Location]:
    """The lines at which a chain of coroutines and generators is suspended, innermost first.

    `Task.get_stack` returns only the outermost frame, so this follows the chain of awaited objects.
    """
    lines: list[Location] = []
    current = coroutine
    for _ in range(_DEEPEST):
        frame = _attribute(current, "cr_frame", "gi_frame", "ag_frame")
        if frame is not None:
            code = frame.f_code
            if not own_code.is_probe(code.co_filename):
                lines.append(source_locations.line_of(frame))
        following = _attribute(current, "cr_await", "gi_yieldfrom", "ag_await")
        if following is None and class_name(current).startswith(("async_generator_asend", "async_generator_athrow")):
            following = next((obj for obj in gc.get_referents(current) if class_name(obj) == "async_generator"), None)
        if following is None and class_name(current) == "coroutine_wrapper":
            following = next(iter(gc.get_referents(current)), None)
        if following is None:
            break
        current = following
    lines.reverse()
    return lines


def _attribute(obj: Any, *names: str) -> Any:
    kind = class_name(obj)
    if kind not in ("coroutine", "generator", "async_generator"):
        return None
    for name in names:
        if hasattr(obj, name):
            return getattr(obj, name)
    return None


def task_stack(task: Any) -> StackSnapshot:
    """The stack of a task."""
    lines = source_locations.trim_frames(_coroutine_lines(task.get_coro()))
    return _snapshot("task", name_of(task) or str(task.get_name()), lines)


def _snapshot(
    kind: Literal["task", "thread"], name: str, lines: tuple[Location, ...], main: bool = False
) -> StackSnapshot:
    return StackSnapshot(kind, name, lines, main, next(filter(source_locations.is_application, lines), None))


def tasks_of(loop: Any, but: Iterable[Any]) -> list[Any]:
    """The unfinished tasks of a loop. Another thread may call this, while the set of tasks changes.

    Args:
        loop: the loop.
        but: tasks to leave out. They are compared by identity: a class of the application may define `__eq__`.
    """
    import asyncio

    left_out = set(map(id, but))
    for _ in range(20):
        try:
            return [task for task in asyncio.all_tasks(loop) if id(task) not in left_out]
        except RuntimeError:
            continue
    return []


def thread_stacks(own: int | None) -> list[StackSnapshot]:
    """The stack of each thread except the watchdog's."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    main = threading.main_thread().ident
    stacks = []
    for ident, frame in sys._current_frames().items():
        if ident == own:
            continue
        lines = source_locations.stack(frame)
        if lines or ident == main:
            stacks.append(_snapshot("thread", names.get(ident, f"thread {ident}"), lines, main=ident == main))
    return sorted(stacks, key=lambda stack: not stack.main)


def thread_stack(thread: threading.Thread) -> StackSnapshot:
    """The stack of one thread."""
    frame = sys._current_frames().get(thread.ident or -1)
    return _snapshot("thread", thread.name, source_locations.stack(frame))


def all_stacks(loop: Any, but: Iterable[Any], own: int | None, first: Any = None) -> tuple[StackSnapshot, ...]:
    """The stacks of all tasks and threads. Threads that run code of the application come before tasks.

    Args:
        loop: the event loop of the target; None: there is none yet.
        but: tasks to leave out.
        own: the thread to leave out.
        first: the task that comes before others: what the deadline was set for.
    """
    # asyncio gives tasks in no order. By name the order is the same in each run.
    found = sorted(tasks_of(loop, but) if loop is not None else (), key=lambda task: (task is not first, name_of(task)))
    # A task that is running has no lines of its own: its thread has them.
    tasks = [stack for task in found if (stack := task_stack(task)).lines]
    threads = thread_stacks(own)

    blocked = [stack for stack in threads if stack.location]
    waiting = [stack for stack in threads if not stack.location]
    tasks.sort(key=lambda stack: not stack.location)
    return tuple((blocked + tasks + waiting)[:100])
