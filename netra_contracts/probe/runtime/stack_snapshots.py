"""Stacks of tasks and threads."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any, Literal

from ...protocol.location import Location
from ...protocol.observed.failures import StackSnapshot
from ..inspection import own_code, source_locations
from ..inspection.safe_inspect import class_name, standard_attribute

#: FastAPI merges the lifespans of included routers, one in the other: a chain may have hundreds of links.
_DEEPEST = 2000
_GET_CORO_CRASHES = (3, 12) <= sys.version_info < (3, 12, 2)


#: The longest name of a task or thread that is kept, in characters.
LONGEST_NAME = 300


def name_of(task: Any) -> str:
    """The name that a task was given, else that of the function it runs; empty: neither is known."""
    name = _given_name(task)
    # In Python 3.12 and 3.13 a task factory leaves the name "None".
    if name != "None" and not (name.startswith("Task-") and name[5:].isdigit()):
        return name
    # Before 3.12.2 `get_coro` of a task that ended eagerly crashes the interpreter.
    coroutine = None if _GET_CORO_CRASHES and standard_attribute(task, "done", bool)() else coroutine_of(task)
    return str(getattr(coroutine, "__qualname__", ""))


def _given_name(task: Any) -> str:
    return str(standard_attribute(task, "get_name", str)())[:LONGEST_NAME]


def coroutine_of(task: Any) -> Any:
    """The coroutine that a task runs; before Python 3.12.2 not to be asked of a task that is done."""
    return standard_attribute(task, "get_coro", lambda: None)()


class SteppedCoroutine:
    """An awaitable of the probe that steps another one.

    Attributes:
        inner: the iterator of the other one.
    """

    inner: Any


def _coroutine_lines(coroutine: Any) -> list[Location]:
    """The lines at which a chain of coroutines and generators is suspended, innermost first."""
    lines = [source_locations.line_of(frame) for frame in suspended_frames(coroutine)]
    lines.reverse()
    return lines


def suspended_frames(coroutine: Any) -> Iterator[FrameType]:
    """The frames of a chain of suspended coroutines and generators, outermost first, without those of the probe.

    `Task.get_stack` returns only the outermost frame, so this follows the chain of awaited objects.
    """
    current = coroutine
    for _ in range(_DEEPEST):
        frame = _attribute(current, "cr_frame", "gi_frame", "ag_frame")
        if frame is not None and not own_code.is_probe(frame.f_code.co_filename):
            yield frame
        following = _attribute(current, "cr_await", "gi_yieldfrom", "ag_await")
        if following is None and class_name(current).startswith(("async_generator_asend", "async_generator_athrow")):
            following = next((obj for obj in gc.get_referents(current) if class_name(obj) == "async_generator"), None)
        if following is None and class_name(current) == "coroutine_wrapper":
            following = next(iter(gc.get_referents(current)), None)
        if issubclass(type(current), SteppedCoroutine):
            following = current.inner
        if following is None:
            break
        current = following


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
    lines = source_locations.trim_frames(_coroutine_lines(coroutine_of(task)))
    return _snapshot("task", name_of(task) or _given_name(task), lines)


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
        except RuntimeError:  # the set has changed
            continue
        except Exception:  # a class of the application overrides what `all_tasks` calls
            break
    return [task for task in gc.get_objects() if _is_unfinished(task, loop) and id(task) not in left_out]


def _is_unfinished(obj: Any, loop: Any) -> bool:
    import asyncio

    is_task = issubclass(type(obj), (asyncio.Task, asyncio.tasks._PyTask))  # type: ignore[attr-defined]  # in Python
    return is_task and standard_attribute(obj, "get_loop")() is loop and not standard_attribute(obj, "done")()


def thread_stacks(own: int | None) -> list[StackSnapshot]:
    """The stack of each thread except the watchdog's."""
    names = {ident_of(thread): str(standard_attribute(thread, "name")) for thread in threading.enumerate()}
    main = ident_of(threading.main_thread())
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
    frame = sys._current_frames().get(ident_of(thread))
    return _snapshot("thread", str(standard_attribute(thread, "name")), source_locations.stack(frame))


def ident_of(thread: threading.Thread) -> int:
    """The id of a thread; -1: it has not been started."""
    return standard_attribute(thread, "ident") or -1


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
