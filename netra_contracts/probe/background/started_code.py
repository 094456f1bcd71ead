"""What a task, a thread or a process was started with: names that are the same in each run."""

from __future__ import annotations

import os
import re
import threading
from types import FrameType
from typing import Any, NamedTuple

from ...protocol.text_limits import limited
from ..inspection import own_code, source_locations
from ..inspection.safe_inspect import (
    MISSING,
    class_attribute,
    class_name,
    instance_dict,
    type_name,
)
from ..runtime.stack_snapshots import coroutine_of

#: Coroutines of anyio that only await the one that was given to a task group.
_WRAPPERS = ("TaskHandle._run_coro", "TaskGroup._run_wrapped_task")
#: Files whose threads run one job after another: that job is what was started.
_WORKERS = ("/concurrent/futures/thread.py", "/anyio/_backends/_asyncio.py")
#: Commands that run a script.
_INTERPRETERS = frozenset(["python", "pypy", "node", "ruby", "perl", "php", "sh", "bash", "dash", "zsh"])
_VERSION = re.compile(r"[\d.]+$")


class Started(NamedTuple):
    """What was started.

    Attributes:
        name: `module:function`, or a command; empty: unknown.
        is_own: whether it is code of the target.
    """

    name: str = ""
    is_own: bool = False


def of_task(task: Any) -> Started:
    """The coroutine of a task that is not done."""
    coroutine = coroutine_of(task)
    inner = _awaited_by_wrapper(coroutine)
    return _of_coroutine(coroutine if inner is None else inner)


def _awaited_by_wrapper(coroutine: Any) -> Any:
    """The coroutine that a library runs in one of its own; None: it is not such a coroutine."""
    if class_name(coroutine) != "coroutine" or coroutine.__qualname__ not in _WRAPPERS:
        return None
    awaited = coroutine.cr_await
    return awaited if class_name(awaited) == "coroutine" else None


def _of_coroutine(coroutine: Any) -> Started:
    for attribute in ("cr_frame", "gi_frame"):
        frame = getattr(coroutine, attribute, None) if class_name(coroutine) in ("coroutine", "generator") else None
        if frame is not None:
            return Started(_named(frame, coroutine.__qualname__), own_code.is_own_code(frame.f_code.co_filename))
    return Started() if coroutine is None else Started(type_name(type(coroutine)))


def _named(frame: FrameType, function: str) -> str:
    module = frame.f_globals.get("__name__", "")
    return limited(f"{module}:{function}" if type(module) is str and module else function)


def of_thread(thread: threading.Thread, frame: FrameType | None) -> Started:
    """The target of a thread, the `run` of its class, or the job of a worker.

    Args:
        thread: a thread that runs.
        frame: the frame that it executes.
    """
    job = _job_of_worker(frame)
    if job is not None:
        return job
    run = class_attribute(type(thread), "run")
    attributes = instance_dict(thread) or {}
    if run is class_attribute(threading.Thread, "run"):
        return of_callable(dict.get(attributes, "_target"))
    if run is class_attribute(threading.Timer, "run"):
        return of_callable(dict.get(attributes, "function"))
    return Started(f"{type_name(type(thread))}.run", _is_own(run))


def _job_of_worker(frame: FrameType | None) -> Started | None:
    frames = []
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    is_worker = False
    for each in reversed(frames):
        if each.f_code.co_filename.endswith(_WORKERS):
            is_worker = True
        elif is_worker:
            code = each.f_code
            return Started(_named(each, source_locations.name_of(code)), own_code.is_own_code(code.co_filename))
    return None


def of_process(process: Any) -> Started:
    """The target of a process of `multiprocessing`, or the `run` of its class."""
    attributes = instance_dict(process) or {}
    target = dict.get(attributes, "_target")
    if target is not None:
        return of_callable(target)
    return Started(f"{type_name(type(process))}.run", _is_own(class_attribute(type(process), "run")))


def of_callable(target: Any) -> Started:
    """A function, a method, a partial or an object that can be called."""
    for _ in range(8):
        if class_name(target) != "partial":
            break
        target = target.func
    if target is None or target is MISSING:
        return Started()
    if class_name(target) == "method":
        receiver, function = target.__self__, target.__func__
        owner = receiver if issubclass(type(receiver), type) else type(receiver)
        name = getattr(function, "__name__", "") if class_name(function) == "function" else class_name(function)
        return Started(limited(f"{type_name(owner)}.{name}"), _is_own(function))
    if class_name(target) in ("function", "builtin_function_or_method"):
        module, name = target.__module__, target.__qualname__
        return Started(limited(f"{module}:{name}" if type(module) is str else name), _is_own(target))
    return Started(type_name(type(target)), _is_own(class_attribute(type(target), "__call__")))


def _is_own(function: Any) -> bool:
    location = None if function is MISSING else source_locations.location_of_object(function)
    return location is not None and own_code.is_own_code(location.file)


def command_of(words: list[str], name: str) -> str:
    """The program of a command line and, of an interpreter, the script or module: no other argument.

    Args:
        words: the command line.
        name: what the system calls the process.
    """
    program = _VERSION.sub("", os.path.basename(words[0]) if words else "") or name
    if program not in _INTERPRETERS:
        return limited(program)
    rest = iter(words[1:])
    for word in rest:
        if word in ("-c", "-e"):
            break
        if word == "-m":
            return limited(" ".join([program, word, next(rest, "")]).rstrip())
        if word in ("-X", "-W"):
            next(rest, None)
        elif word and not word.startswith("-"):
            return limited(f"{program} {os.path.basename(word)}")
    return limited(program)
