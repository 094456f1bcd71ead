"""The stacks that `faulthandler` writes when a process crashes or misses its deadline."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.failures import StackSnapshot

_FRAME = re.compile(r'^\s+File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)$')
_THREAD = re.compile(r"^(?P<current>Current thread|Thread) 0x[0-9a-f]+(?: \[(?P<name>[^\]]*)\])?")
_PROBE = "/netra_contracts/probe/"
_MAX_FRAMES = 10


class _Thread(NamedTuple):
    current: bool
    name: str
    frames: list[Location]


def dump_in_output(lines: Sequence[str]) -> str:
    """The last dump in what a process printed; empty: none. A target may send `faulthandler`'s dumps to stderr."""
    starts = [index for index, line in enumerate(lines) if line.startswith("Fatal Python error: ")]
    return "\n".join(lines[starts[-1] :]) if starts else ""


def is_timeout(dump: str) -> bool:
    """Whether the dump was written because a deadline passed (`faulthandler.dump_traceback_later`)."""
    return dump.startswith("Timeout")


def stacks_from_dump(dump: str, module: str = "") -> tuple[StackSnapshot, ...]:
    """The stacks of the threads, without frames of the probe: the thread that was running first, then the main one.

    Args:
        dump: what `faulthandler` wrote.
        module: the target's module; its package is the target's own code, even if it is installed.
    """
    package = module.partition(".")[0]
    threads = _parse(dump)
    # The dump ends with the thread that was started first, which is the main one.
    main = len(threads) - 1
    ordered = sorted(enumerate(threads), key=lambda entry: (not entry[1].current, entry[0] != main))
    return tuple(
        StackSnapshot(
            "thread",
            thread.name or ("MainThread" if number == main else "thread"),
            tuple(thread.frames[:_MAX_FRAMES]),
            number == main,
            next((frame for frame in thread.frames if _is_application(frame, package)), None),
        )
        for number, thread in ordered
        if thread.frames
    )


def first_application_line(stacks: Sequence[StackSnapshot]) -> Location | None:
    """The application's innermost line in the first stack that has one."""
    return next((stack.location for stack in stacks if stack.location), None)


def _parse(dump: str) -> list[_Thread]:
    threads: list[_Thread] = []
    for line in dump.splitlines():
        thread = _THREAD.match(line)
        frame = _FRAME.match(line)
        if thread:
            threads.append(_Thread(thread["current"] == "Current thread", thread["name"] or "", []))
        elif frame and threads and _PROBE not in frame["file"]:
            location = Location(os.path.abspath(frame["file"]), int(frame["line"]), frame["function"])
            threads[-1].frames.append(location)
    return threads


def _is_application(frame: Location, package: str) -> bool:
    """Judging by the path alone: not installed, not of the standard library, and not frozen into the interpreter."""
    _, installed, name = frame.file.rpartition("-packages/")
    if installed:
        return bool(package) and name.startswith((f"{package}/", f"{package}.py"))
    return not frame.file.startswith("<") and not re.search(r"/lib(?:64)?/python3\.\d+t?/", frame.file)
