"""How messages are delimited on the connection between host and probe.

A message of the host is preceded by its length in four bytes. A message of the probe is also enclosed in a seal, a
secret of the run: the target may write into any descriptor of its process, and what it writes must not be taken for a
message, for a length, or for a part of a message.

Apart from the codec because the host imports it before it starts the target's process.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

#: The length of the message that follows, in bytes.
HEADER = Struct("!I")
#: Bytes of a seal. The host sends it first, on the first connection; the probe sends it first on each further one.
SEAL_SIZE = 16
#: Limit of a message in bytes.
MAX_MESSAGE = 1 << 30


class DamagedError(Exception):
    """The received bytes are not what the other side has sent."""


def frame(message: bytes, seal: bytes = b"") -> bytes:
    """A message with its length, enclosed in a seal."""
    return HEADER.pack(len(message)) + seal + message + seal


class FrameBuffer:
    """Collects received bytes and splits them into messages.

    Args:
        seal: encloses each message.
    """

    def __init__(self, seal: bytes = b"") -> None:
        self._received = bytearray()
        self._seal = seal

    def clear(self) -> None:
        """Discard an incomplete message."""
        self._received.clear()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Add received bytes; yield each message that is now complete.

        Raises:
            DamagedError: if a message is not sealed or is too large. Nothing more can be read then.
        """
        self._received += data
        start = HEADER.size + len(self._seal)
        while len(self._received) >= HEADER.size:
            (size,) = HEADER.unpack_from(self._received)
            end = start + size
            if not self._seal.startswith(bytes(self._received[HEADER.size : start])) or size > MAX_MESSAGE:
                raise DamagedError("what was received is not a message")
            if len(self._received) < end + len(self._seal):
                return
            message = bytes(self._received[start:end])
            if self._received[end : end + len(self._seal)] != self._seal:
                raise DamagedError("a message does not end where it should")
            del self._received[: end + len(self._seal)]
            yield message
