"""What the target prints, kept within bounds."""

from __future__ import annotations

import threading
from collections import deque

#: How much of the target's output is kept: its end, in bytes.
MAX_BYTES = 256 * 1024


class CapturedOutput:
    """The end of what a process prints to both streams. One thread may add to it while another reads it.

    Args:
        max_bytes: how much is kept. The oldest block goes first, so it may be exceeded by less than one block.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._blocks: deque[bytes] = deque()
        self._size = 0

    def add(self, block: bytes) -> None:
        """Append what was read from the process."""
        with self._lock:
            self._blocks.append(block)
            self._size += len(block)
            while self._size - len(self._blocks[0]) > self._max_bytes:
                self._size -= len(self._blocks.popleft())

    def lines(self) -> tuple[str, ...]:
        """The last lines; bytes that are not UTF-8 are replaced."""
        with self._lock:
            text = b"".join(self._blocks)
        return tuple(text.decode("utf-8", "replace").splitlines())
