"""The instructions of a function, and which of them a `try` or `with` protects. For Python 3.9 to 3.14."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType
from typing import Any, NamedTuple

#: The most instructions of a function that are examined.
_MOST_INSTRUCTIONS = 20_000
_MOST_BLOCKS = 20
#: They name a handler, where execution continues only after an exception.
_NO_JUMPS = frozenset(["SETUP_FINALLY", "SETUP_WITH", "SETUP_ASYNC_WITH"])
RETURNS = frozenset(["RETURN_VALUE", "RETURN_CONST"])
_ENDS = RETURNS | {"RERAISE", "RAISE_VARARGS"}
#: `CO_GENERATOR` and `CO_ASYNC_GENERATOR`, see `inspect`.
_GENERATOR = 0x20 | 0x200
TESTS = frozenset(["CHECK_EXC_MATCH", "CHECK_EG_MATCH", "JUMP_IF_NOT_EXC_MATCH"])
_UNCONDITIONAL = ("JUMP_FORWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_NO_INTERRUPT")


class Instruction(NamedTuple):
    """One instruction.

    Attributes:
        line: of the source; 0: it has none.
        jump: the offset that it may continue at, instead of at the next instruction; -1: it does not jump.
    """

    offset: int
    name: str
    argument: Any
    line: int
    jump: int


class Function:
    """The instructions of a code object.

    Attributes:
        code: what was read.
        instructions: in order of their offsets.
    """

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self.instructions: list[Instruction] = []
        jumps = frozenset((*dis.hasjrel, *dis.hasjabs))
        lines = dict(dis.findlinestarts(code))
        line = 0
        for one in dis.get_instructions(code):
            line = lines.get(one.offset, line) or 0
            jump = one.argval if one.opcode in jumps else -1
            # `dis` of Python 3.11 does not know what this one refers to.
            argument = code.co_consts[one.arg or 0] if one.opname == "KW_NAMES" else one.argval
            self.instructions.append(Instruction(one.offset, one.opname, argument, line, jump))
            if len(self.instructions) >= _MOST_INSTRUCTIONS:
                break
        self._position = {one.offset: position for position, one in enumerate(self.instructions)}
        table = getattr(code, "co_exceptiontable", None)  # Python 3.11
        self._handlers = _from_blocks(self) if table is None else _from_table(table)

    def at(self, offset: int) -> int:
        """The position in `instructions` of the one at an offset, or of the next one."""
        while offset not in self._position and offset < len(self.code.co_code):
            offset += 1
        return self._position.get(offset, len(self.instructions))

    def after(self, offset: int) -> list[Instruction]:
        """The instructions after an offset, which may be that of an inline cache."""
        return [one for one in self.instructions if one.offset > offset]

    def line_of(self, offset: int) -> int:
        """The line of the instruction at an offset, which may be that of an inline cache."""
        return next((one.line for one in reversed(self.instructions) if one.offset <= offset), 0)

    def gives_value(self, one: Instruction) -> bool:
        """Whether an instruction returns a value other than None or, in a generator, yields one."""
        if one.name == "YIELD_VALUE":
            awaits = self.instructions[self.at(one.offset) - 1].name == "SEND"
            return bool(self.code.co_flags & _GENERATOR) and not awaits
        return one.name in RETURNS and not self.returns_none(one)

    def returns_none(self, one: Instruction) -> bool:
        """Whether an instruction that returns from the function returns None."""
        if one.name == "RETURN_CONST":
            return one.argument is None
        before = self.instructions[self.at(one.offset) - 1]
        return before.name == "LOAD_CONST" and before.argument is None

    def handler_of(self, offset: int) -> int | None:
        """Where an exception continues that an instruction raises; None: it leaves the function."""
        return self._handlers.get(offset)

    def catching_handler_of(self, offset: int) -> int | None:
        """As `handler_of`, without those that pass every exception on: `finally`, and the clean-up of others."""
        handler = self.handler_of(offset)
        for _ in range(_MOST_BLOCKS):
            if handler is None:
                return None
            block = self.reachable(handler)
            last = block[-1]
            is_cleanup = block[0].name in ("COPY", "CALL_INTRINSIC_1") or {one.name for one in block} <= {"POP_EXCEPT"}
            if not is_cleanup and (
                last.name != "RERAISE" or any(one.name in TESTS or one.name == "WITH_EXCEPT_START" for one in block)
            ):
                return handler
            again = next((one for one in self.instructions if one.offset >= handler and one.name == "RERAISE"), None)
            handler = self.handler_of(again.offset) if again is not None else None
        return None

    def is_protected(self, offset: int, handler: int) -> bool:
        """Whether an exception of an instruction may reach a handler, if those inside do not catch it."""
        seen = set()
        current = self._handlers.get(offset)
        while current is not None and current not in seen:
            if current == handler:
                return True
            seen.add(current)
            current = self._handlers.get(current)
        return False

    def from_line_of(self, offset: int) -> Iterator[Instruction]:
        """The instructions of the line that has an offset."""
        line = self.instructions[self.at(offset)].line
        return (one for one in self.instructions if one.line == line)

    def reachable(self, offset: int) -> list[Instruction]:
        """The instructions from an offset on, up to the end of the `except` that it is in, in order."""
        pending, found = [self.at(offset)], set()
        while pending:
            position = pending.pop()
            if position >= len(self.instructions) or position in found:
                continue
            found.add(position)
            one = self.instructions[position]
            if one.name == "POP_EXCEPT" or one.name in _ENDS:
                continue
            if one.jump >= 0 and one.name not in _NO_JUMPS:
                pending.append(self.at(one.jump))
            if one.name not in _UNCONDITIONAL:
                pending.append(position + 1)
        return [self.instructions[position] for position in sorted(found)]


def _from_table(table: bytes) -> dict[int, int]:
    """Where exceptions continue, by the offset that raises them (`Objects/exception_handling_notes.txt` of CPython)."""
    handlers = {}
    numbers = _varints(table)
    for start in numbers:
        length, target = next(numbers), next(numbers)
        next(numbers)  # the depth of the stack
        for offset in range(start * 2, (start + length) * 2, 2):
            handlers[offset] = target * 2
    return handlers


def _varints(table: bytes) -> Iterator[int]:
    """Numbers of six bits a byte, the first ones first; bit 6 says that the number continues."""
    data = iter(table)
    for byte in data:
        value = byte & 63
        while byte & 64:
            byte = next(data)  # noqa: PLW2901 - the number continues in it
            value = value << 6 | byte & 63
        yield value


def _from_blocks(function: Function) -> dict[int, int]:
    """Where exceptions continue, by the offset that raises them: Python 3.9 and 3.10 keep a stack of blocks."""
    handlers: dict[int, int] = {}
    pending: list[tuple[int, tuple[int, ...]]] = [(0, ())]
    seen = set()
    while pending:
        position, blocks = pending.pop()
        if position in seen or position >= len(function.instructions):
            continue
        seen.add(position)
        one = function.instructions[position]
        target = next((block for block in reversed(blocks) if block >= 0), None)
        if target is not None:
            handlers[one.offset] = target
        if one.name in _NO_JUMPS:
            pending.append((function.at(one.jump), (*blocks, -1)))
            blocks = (*blocks, one.jump)
        elif one.name in ("POP_BLOCK", "POP_EXCEPT"):
            blocks = blocks[:-1]
        elif one.jump >= 0:
            pending.append((function.at(one.jump), blocks))
        if one.name not in _ENDS and one.name not in _UNCONDITIONAL:
            pending.append((position + 1, blocks))
    return handlers
