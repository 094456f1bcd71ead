"""Enforces deadlines from outside the event loop, and ends the process when the host has gone."""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
from typing import Any, Callable

from . import clock
from .channel import Channel, HostGoneError

#: How long after its deadline a process that holds the interpreter's lock is left before the C-level dump ends it.
GRACE_S = 1.0


class Watchdog:
    """A thread that calls `expired` when the deadline has passed.

    While C code holds the interpreter's lock no thread runs: then `faulthandler`'s own thread, which needs no lock,
    writes the stacks to `crash_file` and ends the process; the host reads them there.
    """

    def __init__(self, link: Channel, crash_file: Any, expired: Callable[[], None]) -> None:
        self._link = link
        self._crash_file = crash_file
        self._expired = expired
        self._deadline_ns: int | None = None
        self.thread = threading.Thread(target=self._run, name="netra-contracts watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self.thread.start()

    def arm(self, deadline_ns: int) -> None:
        """Expire at a time of the probe's clock."""
        self._deadline_ns = deadline_ns
        left = max((deadline_ns - clock.now_ns()) / 1e9, 0.01) + GRACE_S
        if self._crash_file is not None:
            try:
                faulthandler.dump_traceback_later(left, exit=True, file=self._crash_file)
            except (OSError, ValueError, RuntimeError):  # the target closed the descriptor
                self._crash_file = None

    def disarm(self) -> None:
        """No deadline any more."""
        self._deadline_ns = None
        faulthandler.cancel_dump_traceback_later()

    def _run(self) -> None:
        while True:
            deadline = self._deadline_ns
            left = 0.2 if deadline is None else (deadline - clock.now_ns()) / 1e9
            if deadline is not None and left <= 0:
                self._deadline_ns = None
                self._expired()
                continue
            self._wait(min(max(left, 0.001), 0.2))

    def _wait(self, seconds: float) -> None:
        try:
            gone = self._link.host_gone(seconds)
        except HostGoneError:
            gone = True
        if gone:
            self._link.tidy()
            end_process_group()


def end_process_group() -> None:
    """Nobody waits for a result: end this process and those that it started in its group."""
    os.killpg(os.getpgrp(), signal.SIGKILL)
