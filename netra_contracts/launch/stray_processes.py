"""Processes of a run that left the probe's process group, such as daemons."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Collection

#: The environment variable with the id of the run. Each process that the target starts inherits it.
RUN_VARIABLE = "NETRA_CONTRACTS_RUN"
#: How often descendants are searched for and killed: those that they start meanwhile are found the next time.
_ROUNDS = 5
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)


def adopt_orphans() -> bool:
    """Have processes whose parent ends become children of this process, also those that make themselves daemons.

    For a process that runs one command, not for a library: it changes the whole process. Linux only.

    Returns:
        Whether they do.
    """
    try:
        import ctypes  # noqa: PLC0415 - takes longer than the rest of the launch

        return bool(ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0) == 0)
    except (ImportError, AttributeError, OSError):
        return False


def descendants(pid: int) -> set[int]:
    """The children of a process, their children, and so on. Empty where there is no `/proc`."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else ():
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/stat", "rb") as stat:
                parent = int(stat.read().rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(name))
    found: set[int] = set()
    pending = [pid]
    while pending:
        new = [child for child in children.get(pending.pop(), ()) if child not in found]
        found.update(new)
        pending.extend(new)
    return found


def kill_descendants(pid: int, spared: Collection[int]) -> None:
    """Kill the descendants of a process, and those that become its descendants when their parents end.

    Args:
        pid: the process.
        spared: processes that are left alone, with their descendants.
    """
    for _ in range(_ROUNDS):
        kept = set(spared).union(*map(descendants, spared))
        found = descendants(pid) - kept
        for each in found:
            with contextlib.suppress(OSError):
                os.kill(each, signal.SIGKILL)
        for each in found if pid == os.getpid() else ():
            with contextlib.suppress(OSError):
                os.waitpid(each, 0)
        if not found:
            return


def has_children() -> bool:
    """Whether this process has children: one system call, where reading all of `/proc` takes milliseconds."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    except (AttributeError, OSError):
        return True
    return True


def kill_strays(run_id: str) -> None:
    """Kill each process whose environment names this run. Only where there is `/proc`, as on Linux."""
    entry = f"{RUN_VARIABLE}={run_id}".encode()
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else ():
        if name.isdigit() and int(name) != os.getpid():
            # A process of another user, or one that has just ended.
            with contextlib.suppress(OSError), open(f"/proc/{name}/environ", "rb") as environ:
                if entry in environ.read().split(b"\0"):
                    os.kill(int(name), signal.SIGKILL)
