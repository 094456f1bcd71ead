"""Ctrl-C: the target ends, the command exits with 130, at any moment. Standard library only.

A handler, not `KeyboardInterrupt`: that can be raised within a library's import, which may swallow it or leave it half
imported.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

from netra_contracts.launch import child

INTERRUPTED = 130


def install() -> None:
    """From now on an interrupt ends the command."""
    signal.signal(signal.SIGINT, _interrupted)


def _interrupted(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        os.write(2, b"netra-contracts: interrupted\n")
        for running in tuple(child.running):
            running.end()
    finally:
        os._exit(INTERRUPTED)
