"""How messages are delimited on the connection between host and probe: four bytes of length, then the message.

Apart from the codec because the host imports it before it starts the target's process.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

#: The length of the message that follows, in bytes.
HEADER = Struct("!I")


def frame(message: bytes) -> bytes:
    """A message with its header."""
    return HEADER.pack(len(message)) + message


class FrameBuffer:
    """Collects received bytes and splits them into messages."""

    def __init__(self) -> None:
        self._received = bytearray()

    def clear(self) -> None:
        """Discard an incomplete message."""
        self._received.clear()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Add received bytes; yield each message that is now complete."""
        self._received += data
        while len(self._received) >= HEADER.size:
            (size,) = HEADER.unpack_from(self._received)
            end = HEADER.size + size
            if len(self._received) < end:
                return
            message = bytes(self._received[HEADER.size : end])
            del self._received[:end]
            yield message
