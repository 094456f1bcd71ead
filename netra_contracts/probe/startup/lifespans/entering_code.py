"""What the code that enters a context manager does with the object that the context yields."""

from __future__ import annotations

import contextlib
import dis
from types import FrameType

from ...inspection import code_names, own_code

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


#: Methods that enter another context may return what that yields.
_ENTERING = ("__aenter__", "__enter__")


def entering_frame(frame: FrameType | None) -> FrameType | None:
    """The frame that entered a context, or had an `ExitStack` enter it."""
    while frame is not None and (
        frame.f_code.co_filename == _CONTEXTLIB or own_code.is_probe(frame.f_code.co_filename)
    ):
        frame = frame.f_back
    return frame


def dropping_frame(frame: FrameType) -> FrameType | None:
    """The frame that does nothing with what it waits for, or is of an installed package, whose work is not followed.

    For a package, only the result counts: whether the entries have arrived.

    Args:
        frame: entered a context. If it is that of a method which returns the result, whatever called that is meant.

    Returns:
        The frame; None: it may use the result.
    """
    entering: FrameType | None = frame
    while entering is not None:
        code = entering.f_code
        if not own_code.is_own_code(code.co_filename):
            return entering
        after = _instruction_after(entering)
        if after is None:
            return None
        if after.opname == "POP_TOP":
            return entering
        if after.opname == "STORE_FAST":
            return None if code_names.loads_local(code, after.argval) else entering
        if code.co_name not in _ENTERING or not _is_returned(after, entering):
            return None
        entering = entering_frame(entering.f_back)
    return None


def _instruction_after(frame: FrameType) -> dis.Instruction | None:
    """What is done first with the result that a frame waits for."""
    instructions = dis.get_instructions(frame.f_code)
    return next((one for one in instructions if one.offset > frame.f_lasti and one.opname not in _WAITING), None)


def _is_returned(after: dis.Instruction, frame: FrameType) -> bool:
    """Whether a result is returned: at once, or when the lines of a `finally` are done, whose code is next."""
    if after.opname == "RETURN_VALUE":
        return True
    lines = [line for offset, line in dis.findlinestarts(frame.f_code) if offset <= after.offset]
    return after.opname.startswith("LOAD_") and lines[-1] != frame.f_lineno
