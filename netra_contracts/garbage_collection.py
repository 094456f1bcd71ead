"""When the garbage collector runs."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

#: How many more objects there are at a collection than at the last one, in a process that runs one command.
_SELDOM = 50_000


@contextlib.contextmanager
def seldom() -> Iterator[None]:
    """Collect garbage seldom within this context: modules that are imported and their schemas are no garbage."""
    thresholds = gc.get_threshold()
    gc.set_threshold(_SELDOM, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """Do not collect garbage within this context: for a short time in which few reference cycles are made."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
