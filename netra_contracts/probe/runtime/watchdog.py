"""Enforces deadlines from outside the event loop, and ends the process when the host has gone."""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
from typing import Any, Callable

from . import clock
from .channel import Channel, HostGoneError

#: Seconds after its deadline at which a process that holds the interpreter's lock is ended by the C-level dump.
GRACE_S = 1.0


def _open_crash_file(path: str) -> Any:
    crash_file = open(path, "w")  # noqa: SIM115 - stays open until the process ends
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

    Attributes:
        thread: the watchdog's thread.
    """

    def __init__(self, channel: Channel, crash_file: str, on_deadline: Callable[[float], None]) -> None:
        self._channel = channel
        self._crash_file = _open_crash_file(crash_file) if crash_file else None
        self._on_deadline = on_deadline
        self._limit_s = 0.0
        self._deadline_ns: int | None = None
        self.thread = threading.Thread(target=self._run, name="netra-contracts watchdog", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self.thread.start()

    def set_deadline(self, limit_s: float, used_s: float = 0.0) -> None:
        """Set the deadline for what begins now, in place of the previous one.

        Args:
            limit_s: how long it may take, in seconds.
            used_s: how much of that time has been used before.
        """
        self._limit_s = limit_s
        left_s = limit_s - used_s
        self._deadline_ns = clock.now_ns() + int(left_s * 1e9)
        left = max(left_s, 0.01) + GRACE_S
        if self._crash_file is not None:
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
            gone = self._channel.host_gone(seconds)
        except HostGoneError:
            gone = True
        if gone:
            self._channel.tidy()
            end_process_group()


def end_process_group() -> None:
    """Kill this process and the processes of its group: no host waits for a result."""
    os.killpg(os.getpgrp(), signal.SIGKILL)
