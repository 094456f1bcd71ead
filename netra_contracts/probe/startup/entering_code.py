"""What the code that enters a context manager does with the object that the context yields."""

from __future__ import annotations

import contextlib
import dis
from types import FrameType

from ..inspection import code_names, own_code

#: Instructions that belong to the waiting itself: what comes after them is done with the result.
_WAITING = frozenset(
    [
        "BEFORE_ASYNC_WITH",
        "CACHE",
        "CLEANUP_THROW",
        "END_SEND",
        "EXTENDED_ARG",
        "GET_AWAITABLE",
        "JUMP_ABSOLUTE",
        "JUMP_BACKWARD",
        "JUMP_BACKWARD_NO_INTERRUPT",
        "LOAD_CONST",
        "NOP",
        "NOT_TAKEN",
        "RESUME",
        "SEND",
        "SETUP_ASYNC_WITH",
        "SETUP_WITH",
        "YIELD_FROM",
        "YIELD_VALUE",
    ]
)
_CONTEXTLIB = contextlib.__file__


def entering_frame(frame: FrameType | None) -> FrameType | None:
    """The frame that entered a context, or had an `ExitStack` enter it."""
    while frame is not None and frame.f_code.co_filename == _CONTEXTLIB:
        frame = frame.f_back
    return frame


def drops_result(frame: FrameType) -> bool:
    """Whether a frame does nothing with what it waits for, or is of an installed package, whose work is not followed.

    For a package, only the result counts: whether the entries have arrived.
    """
    code = frame.f_code
    if not own_code.is_own_code(code.co_filename):
        return True
    after = [one for one in dis.get_instructions(code) if one.offset > frame.f_lasti and one.opname not in _WAITING]
    if not after:
        return False
    if after[0].opname == "POP_TOP":
        return True
    if after[0].opname != "STORE_FAST":
        return False
    return not code_names.loads_local(code, after[0].argval)
