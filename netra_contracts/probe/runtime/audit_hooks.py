"""Spares audit hooks of the target the events that the probe causes.

A hook that forbids `open` or `socket.connect` from some moment on would end the probe, which reads files and connects
to the host. Hooks cannot be removed, so those that the target adds are filtered by the frame that causes the event.
"""

from __future__ import annotations

import _thread
import os
import sys
from types import FrameType
from typing import Any, Callable

from ..inspection import own_code

_STDLIB = os.path.dirname(os.__file__) + os.sep
#: Code of the standard library through which the probe runs the target.
_CALLS_THE_TARGET = tuple(_STDLIB + part for part in ("asyncio/", "importlib/__init__.py", "site-packages/"))
#: How many frames of the standard library may lie between the probe and an event, as in an import.
_MAX_FRAMES = 40

_examining: set[int] = set()


def add(hook: Callable[[str, Any], Any], addaudithook: Callable[[Any], None]) -> None:
    """Add an audit hook that receives the events that the application causes.

    Args:
        hook: the application's hook.
        addaudithook: the interpreter's own function.
    """

    def filtered(event: str, arguments: Any) -> None:
        thread = _thread.get_ident()
        if thread in _examining:  # what the examination itself causes
            return
        _examining.add(thread)
        try:
            spared = event != "sys.addaudithook" and _is_from_probe(sys._getframe(1))
        finally:
            _examining.discard(thread)
        if not spared:
            hook(event, arguments)

    addaudithook(filtered)


def _is_from_probe(frame: FrameType | None) -> bool:
    for _ in range(_MAX_FRAMES):
        if frame is None:
            return False
        file = frame.f_code.co_filename
        if own_code.is_probe(file):
            return True
        if not file.startswith(("<frozen ", _STDLIB)) or file.startswith(_CALLS_THE_TARGET):
            return False
        frame = frame.f_back
    return False
