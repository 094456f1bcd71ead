"""Ctrl-C and SIGTERM: the target ends and the command exits with 130 or 143, at any moment. Standard library only.

This is a signal handler rather than `except KeyboardInterrupt`: the exception can be raised within a library's import,
which may swallow it or leave modules half imported.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Collection
from types import FrameType
from typing import Protocol


class Endable(Protocol):
    """A process that can be ended."""

    def end(self) -> None:
        """End it and remove what it left behind."""
        ...


def install(running: Collection[Endable], *, keep_ignored: bool = False) -> None:
    """Have SIGINT and SIGTERM end the command.

    Args:
        running: the processes that the handler ends, looked up when the signal arrives, and again: threads may start
            others meanwhile.
        keep_ignored: whether a signal that is ignored stays ignored, for a command that this process becomes.
    """

    def end(number: int, frame: FrameType | None) -> None:
        """Exit with the status that shells use for a signal: 128 and its number."""
        for other in (signal.SIGINT, signal.SIGTERM):
            signal.signal(other, signal.SIG_IGN)
        try:
            ended: list[Endable] = []
            while new := [process for process in tuple(running) if not any(process is each for each in ended)]:
                for process in new:
                    with contextlib.suppress(Exception):  # the others must end, too
                        process.end()
                ended += new
            word = b"interrupted" if number == signal.SIGINT else b"terminated"
            erased = b"\r\x1b[K" if os.isatty(2) else b""  # what a progress bar has drawn
            os.write(2, erased + b"netra-contracts: " + word + b"\n")
        finally:
            os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        if not keep_ignored or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, end)
