"""Processes of a run that left the probe's process group, such as daemons."""

from __future__ import annotations

import contextlib
import os
import signal

#: The environment variable with the id of the run. Each process that the target starts inherits it.
RUN_VARIABLE = "NETRA_CONTRACTS_RUN"


def kill_strays(run_id: str) -> None:
    """Kill each process whose environment names this run. Only where there is `/proc`, as on Linux."""
    entry = f"{RUN_VARIABLE}={run_id}".encode()
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else ():
        if name.isdigit() and int(name) != os.getpid():
            # A process of another user, or one that has just ended.
            with contextlib.suppress(OSError), open(f"/proc/{name}/environ", "rb") as environ:
                if entry in environ.read().split(b"\0"):
                    os.kill(int(name), signal.SIGKILL)
