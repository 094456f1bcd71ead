"""Tasks, threads and processes of the target that run beside its stages, and those it leaves after its shutdown."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from time import monotonic
from typing import Any, NamedTuple

from ...protocol.observed.failures import StackSnapshot
from ...protocol.record import replace
from ..inspection.safe_inspect import standard_attribute
from ..runtime.stack_snapshots import ident_of, task_stack, tasks_of, thread_stack
from . import started_code
from .monitor import FindHolders
from .origins import Origin, Origins

#: Seconds that threads that are about to end get to do so, all together.
_THREADS_END_S = 1.5
#: Seconds that what startup left running gets to begin its work, unless it is at rest before.
_REST_S = 0.1
_LOOK_AGAIN_S = 0.01
#: Seconds that cancelled tasks get to end: the servers' event loop waits for them.
_TASKS_END_S = 0.3
#: Files of the standard library in which a thread waits without doing anything.
_WAITING = ("/threading.py", "/queue.py", "/selectors.py", "/concurrent/futures/thread.py")


class Left(NamedTuple):
    """Something that still runs: the task or thread (None: a process), its stack, and what started it."""

    obj: Any
    stack: StackSnapshot
    origin: Origin | None


class RunningWork:
    """Tasks, threads and processes that run beside the stages.

    Args:
        loop: the event loop of the target; None: there is none.
        own_tasks: tasks of the probe.
        own_threads: ids of the threads that existed before the target was imported.
        origins: what started each task, thread and process.
    """

    def __init__(self, loop: Any, own_tasks: list[Any], own_threads: set[int | None], origins: Origins) -> None:
        self._loop = loop
        self._own_tasks = own_tasks
        self._own_threads = own_threads
        self._origins = origins

    def _tasks(self) -> list[Any]:
        exists = self._loop is not None and not self._loop.is_closed()
        return tasks_of(self._loop, self._own_tasks) if exists else []

    async def come_to_rest(self) -> None:
        """Let what startup left running begin its work: no server shuts down right after startup."""
        until = self._loop.time() + _REST_S
        while self._loop.time() < until:
            seconds = self._seconds_of_work(until)
            if not seconds:
                return
            await asyncio.sleep(seconds)

    def _seconds_of_work(self, until: float) -> float:
        """Seconds after which to look again whether something is at work; 0: nothing is.

        A timer of the event loop that is due soon counts, and a thread that does not wait for anything.

        Args:
            until: timers that are due later than this do not count, in the loop's time.
        """
        timers = getattr(self._loop, "_scheduled", None)
        if timers is None:  # a loop that is not written in Python
            return _LOOK_AGAIN_S if self._tasks() else 0.0
        soon = min((timer.when() for timer in list(timers) if not timer.cancelled()), default=until)
        if soon < until:
            return float(max(soon - self._loop.time(), 0.001))
        return _LOOK_AGAIN_S if any(self._threads_at_work()) else 0.0

    def _threads_at_work(self) -> Iterator[bool]:
        frames = sys._current_frames()
        for thread in threading.enumerate():
            frame = frames.get(ident_of(thread))
            if ident_of(thread) not in self._own_threads and frame is not None:
                yield not frame.f_code.co_filename.endswith(_WAITING)

    async def end_cancelled_tasks(self) -> None:
        """Let tasks end that shutdown has cancelled and not awaited, as `asyncio.run` does."""
        # Before Python 3.11 a task does not know that it was cancelled.
        tasks = [task for task in self._tasks() if standard_attribute(task, "cancelling", lambda: 1)()]
        if tasks:
            await asyncio.wait(tasks, timeout=_TASKS_END_S)

    def left(self, longest_s: float) -> list[Left]:
        """What still runs. Threads that are about to end get a moment to do so.

        Args:
            longest_s: the longest time to wait for threads, in seconds.
        """
        left = [
            Left(task, _with(task_stack(task), started_code.of_task(task)), self._origins.of(task))
            for task in self._tasks()
        ]
        left.sort(key=lambda one: (one.stack.name, str(one.origin)))  # asyncio gives tasks in no order
        deadline = monotonic() + min(_THREADS_END_S, longest_s)
        for thread in lingering_threads(self._own_threads):
            while not _has_ended(thread) and monotonic() < deadline:
                standard_attribute(thread, "join")(_LOOK_AGAIN_S)
            if not _has_ended(thread):
                started = started_code.of_thread(thread, sys._current_frames().get(ident_of(thread)))
                left.append(Left(thread, _with(thread_stack(thread), started), self._origins.of(thread)))
        for pid, stack in child_processes():
            left.append(Left(None, _with(stack, self._origins.started_as(pid)), self._origins.of_process(pid)))
        return left


def _with(stack: StackSnapshot, started: started_code.Started | None) -> StackSnapshot:
    return stack if started is None else replace(stack, function=started.name, own=started.is_own)


def snapshots(left: Sequence[Left], holders: FindHolders | None = None) -> tuple[StackSnapshot, ...]:
    """The stacks of what still runs, with what started it.

    Args:
        left: what still runs.
        holders: finds what refers to it; None: that is not looked for.
    """
    objects = [one.obj for one in left if one.obj is not None]
    held = holders(objects) if holders is not None and objects else {}
    return tuple(
        replace(
            one.stack,
            started=one.origin.location if one.origin is not None else None,
            started_in=one.origin.stage if one.origin is not None else None,
            holder=held.get(id(one.obj)),
        )
        for one in left
    )


def _has_ended(thread: threading.Thread) -> bool:
    is_alive = standard_attribute(thread, "is_alive")()
    return not is_alive or _is_idle_worker(sys._current_frames().get(ident_of(thread)))


def lingering_threads(before: set[int | None]) -> list[threading.Thread]:
    """Threads that would keep the process from ending: neither daemons nor idle workers, which an executor joins."""
    frames = sys._current_frames()
    return [
        thread
        for thread in threading.enumerate()
        if ident_of(thread) not in before
        and not standard_attribute(thread, "daemon")
        and thread is not threading.main_thread()
        and not _is_idle_worker(frames.get(ident_of(thread)))
    ]


def _is_idle_worker(frame: Any) -> bool:
    """Whether a thread waits for work in `concurrent.futures.thread._worker`."""
    return frame is not None and frame.f_code.co_name == "_worker" and "concurrent" in frame.f_code.co_filename


def _may_have_children() -> bool:
    """Whether this process has children at all: one system call, where reading all of /proc takes milliseconds."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    except (AttributeError, OSError):  # no `waitid` on macOS before Python 3.13
        return True
    return True


def _command_line(pid: int) -> list[str]:
    with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as arguments:
        return arguments.read().split("\0")


def child_processes() -> list[tuple[int, StackSnapshot]]:
    """Ids and names of running child processes. Empty if the system has no /proc."""
    if not _may_have_children():
        return []
    try:
        pids = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
        own = os.getpid()
        own_words = _command_line(own)
    except OSError:
        return []
    found: list[tuple[int, StackSnapshot]] = []
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
                text = stat.read()
            state, parent = text[text.rindex(")") + 2 :].split()[:2]
            words = _command_line(pid)
        except (OSError, ValueError):
            continue
        # The resource tracker ends by itself when the process does (multiprocessing).
        if int(parent) == own and state != "Z" and not any("resource_tracker" in word for word in words):
            name = text[text.index("(") + 1 : text.rindex(")")]
            command = "fork" if words == own_words else started_code.command_of(words, name)
            found.append((pid, StackSnapshot("process", f"{name} (pid {pid})", function=command)))
    return found
