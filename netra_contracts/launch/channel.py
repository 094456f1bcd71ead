"""The host's end of the connection to the probe: a listening Unix socket and framed messages."""

from __future__ import annotations

import contextlib
import queue
import selectors
import socket

from netra_contracts.protocol.framing import FrameBuffer, frame

_READ_BYTES = 1 << 16


class Channel:
    """Messages to and from the probe, which connects, and connects again if the target closes its descriptors.

    `queue_message` and `next_message` may be called from any thread. Everything else but `close_listener` belongs to
    the thread that serves the selector.

    Args:
        path: of the socket, in a folder that only this user can enter.

    Raises:
        OSError: if the socket cannot be created.
    """

    def __init__(self, path: str) -> None:
        self._inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._connection: socket.socket | None = None
        self._frames = FrameBuffer()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._listener.bind(path)
            self._listener.listen(4)
        except BaseException:
            self._listener.close()
            raise

    def queue_message(self, message: bytes) -> None:
        """Queue a message for the probe; `flush` sends it."""
        self._outbox.put(frame(message))

    def next_message(self, timeout_s: float) -> bytes | None:
        """The next message from the probe; None: none came within `timeout_s` seconds."""
        try:
            return self._inbox.get(timeout=max(timeout_s, 0.0))
        except queue.Empty:
            return None

    def close_listener(self) -> None:
        """Accept no more connections."""
        self._listener.close()

    # For the serving thread.

    def register(self, selector: selectors.BaseSelector) -> None:
        """Have the selector call back when the probe connects or sends."""
        self._selector = selector
        self._listener.setblocking(False)
        selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def flush(self) -> None:
        """Send what is queued, if the probe is connected."""
        while self._connection is not None:
            try:
                message = self._outbox.get_nowait()
            except queue.Empty:
                return
            try:
                self._connection.sendall(message)
            except OSError:
                self._disconnect()

    def deliver(self, message: bytes) -> None:
        """Add a message of the host's own to those that `next_message` gives."""
        self._inbox.put(message)

    def close_connection(self) -> None:
        """Close the connection to the probe, if there is one."""
        if self._connection is not None:
            self._connection.close()

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        self._disconnect()
        connection.setblocking(True)
        self._frames.clear()
        self._connection = connection
        self._selector.register(connection, selectors.EVENT_READ, self._read)
        self.flush()

    def _read(self) -> None:
        if self._connection is None:
            return
        try:
            data = self._connection.recv(_READ_BYTES)
        except OSError:
            data = b""
        if not data:
            self._disconnect()  # the probe connects again if its process lives
            return
        for message in self._frames.feed(data):
            self._inbox.put(message)

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(self._connection)
            self._connection.close()
            self._connection = None
