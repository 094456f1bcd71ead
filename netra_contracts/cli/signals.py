"""Ctrl-C: the target ends, the command exits with 130, at any moment; SIGTERM likewise. Standard library only.

A handler, not `KeyboardInterrupt`: that can be raised within a library's import, which may swallow it or leave it half
imported.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

from netra_contracts.launch import process


def install() -> None:
    """From now on SIGINT and SIGTERM end the command."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    """End the target, tidy up, and exit as a shell tells a signal: 128 and its number, 130 for Ctrl-C."""
    for other in (signal.SIGINT, signal.SIGTERM):
        signal.signal(other, signal.SIG_IGN)
    try:
        os.write(2, b"netra-contracts: interrupted\n" if number == signal.SIGINT else b"netra-contracts: terminated\n")
        for running in tuple(process.running):
            running.end()
    finally:
        os._exit(128 + number)
