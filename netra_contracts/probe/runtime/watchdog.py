"""Enforces deadlines from outside the event loop, and ends the process when the host has gone."""

from __future__ import annotations

import _thread
import contextlib
import faulthandler
import fcntl
import os
import signal
from typing import Any, Callable

from . import clock
from .channel import Channel, HostGoneError

#: Set by the host in the environment of each process of a run.
_RUN_VARIABLE = "NETRA_CONTRACTS_RUN"
#: Seconds after its deadline at which a process that holds the interpreter's lock is ended by the C-level dump.
GRACE_S = 1.0


def _open_crash_file(path: str) -> Any:
    try:
        crash_file = open(path, "w")  # noqa: SIM115 - stays open until the process ends
    except OSError:  # no space is left
        return None
    faulthandler.enable(file=crash_file)
    return crash_file


class Watchdog:
    """A thread that calls `on_deadline` when the deadline has passed.

    While C code holds the interpreter's lock, no Python thread runs. Then `faulthandler`'s own thread, which does not
    need the lock, writes the stacks to the crash file and ends the process; the host reads them there.

    Args:
        channel: the connection to the host.
        crash_file: the path of the crash file; empty: there is none.
        on_deadline: is called in the watchdog's thread with the limit in seconds.
        host_pipe: the descriptor of `end_with_host`; None: there is none.
    """

    def __init__(
        self, channel: Channel, crash_file: str, on_deadline: Callable[[float], None], host_pipe: int | None = None
    ) -> None:
        self._channel = channel
        self._crash_file = _open_crash_file(crash_file) if crash_file else None
        self._on_deadline = on_deadline
        self._limit_s = 0.0
        self._deadline_ns: int | None = None
        self._started = False
        self._host_pipe = host_pipe
        self._run_entry = f"{_RUN_VARIABLE}={os.environ.get(_RUN_VARIABLE, '')}".encode()

    def start(self) -> None:
        """Start the thread. Not before the target has been imported: it may fork or replace `threading` at import.

        Until then the host enforces the deadline. The thread is not one of `threading`, which the target may replace.
        """
        self._started = True
        if self._host_pipe is not None:
            # From now on the thread notices the end of the host, and also removes the host's files.
            with contextlib.suppress(OSError, ValueError):
                os.close(self._host_pipe)
        _thread.start_new_thread(self._run, ())
        self._arm()

    def set_deadline(self, limit_s: float, used_s: float = 0.0) -> None:
        """Set the deadline for what begins now, in place of the previous one.

        Args:
            limit_s: how long it may take, in seconds.
            used_s: how much of that time has been used before.
        """
        self._limit_s = limit_s
        self._deadline_ns = clock.now_ns() + int((limit_s - used_s) * 1e9)
        self._arm()

    def _arm(self) -> None:
        """Have `faulthandler` end the process after the deadline. It starts a thread for that."""
        deadline = self._deadline_ns
        if self._crash_file is not None and self._started and deadline is not None:
            left = max((deadline - clock.now_ns()) / 1e9, 0.01) + GRACE_S
            try:
                faulthandler.dump_traceback_later(left, exit=True, file=self._crash_file)
            except (OSError, ValueError, RuntimeError):  # the target closed the descriptor
                self._crash_file = None

    def clear_deadline(self) -> None:
        """Remove the deadline."""
        self._deadline_ns = None
        faulthandler.cancel_dump_traceback_later()

    def _run(self) -> None:
        while True:
            deadline = self._deadline_ns
            left = 0.2 if deadline is None else (deadline - clock.now_ns()) / 1e9
            if deadline is not None and left <= 0:
                self._deadline_ns = None
                self._on_deadline(self._limit_s)
                continue
            self._wait(min(max(left, 0.001), 0.2))

    def _wait(self, seconds: float) -> None:
        try:
            self._channel.wait(seconds)
        except HostGoneError:
            self._channel.tidy()
            _kill_started_processes(self._run_entry)
            end_process_group()


def end_with_host(descriptor: int) -> None:
    """Have the kernel kill the process group when the host has ended, also before the watchdog's thread runs.

    Linux only: a signal of choice for input (`F_SETSIG` of fcntl(2)). The host writes nothing, so the only event is the
    end of its process.

    Args:
        descriptor: the reading end of a pipe that the host holds open.
    """
    with contextlib.suppress(AttributeError, OSError):
        os.set_inheritable(descriptor, False)
        fcntl.fcntl(descriptor, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)


def _kill_started_processes(run_entry: bytes) -> None:
    """Kill the processes that the target started, whatever their group.

    A daemon that also has an environment of its own is not found.
    """
    parents: dict[int, int] = {}
    found = set()
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc"):
            if not name.isdigit() or int(name) == os.getpid():
                continue
            with contextlib.suppress(OSError, ValueError, IndexError):
                parents[int(name)] = int(_read(f"/proc/{name}/stat").rpartition(b")")[2].split()[1])
                if run_entry in _read(f"/proc/{name}/environ").split(b"\0"):
                    found.add(int(name))
    new = {os.getpid()}
    while new:
        new = {child for child, parent in parents.items() if parent in new} - found
        found |= new
    for pid in found:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def end_process_group() -> None:
    """Kill this process and the processes of its group: no host waits for a result."""
    os.killpg(os.getpgrp(), signal.SIGKILL)
