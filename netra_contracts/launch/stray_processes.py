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
_SET_SUBREAPER, _GET_SUBREAPER = 36, 37  # PR_SET_CHILD_SUBREAPER and PR_GET_CHILD_SUBREAPER of prctl(2)


def adopt_orphans(adopts: bool = True) -> bool | None:
    """Have processes whose parent ends become children of this process, also those that make themselves daemons.

    For a process that runs one command, not for a library: it changes the whole process, and `exec` does not reset it.
    Linux only.

    Args:
        adopts: whether they do.

    Returns:
        Whether they did before; None: it cannot be changed.
    """
    try:
        import ctypes  # noqa: PLC0415 - takes longer than the rest of the launch

        prctl, before = ctypes.CDLL(None).prctl, ctypes.c_int(0)
        known = prctl(_GET_SUBREAPER, ctypes.byref(before), 0, 0, 0) == 0
        return bool(before.value) if known and prctl(_SET_SUBREAPER, int(adopts), 0, 0, 0) == 0 else None
    except (ImportError, AttributeError, OSError):
        return None


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
