"""The host's end of the connection to the probe: a listening Unix socket and framed messages."""

from __future__ import annotations

import contextlib
import os
import queue
import selectors
import socket
from collections.abc import Callable

from netra_contracts.protocol.framing import SEAL_SIZE, DamagedError, FrameBuffer, frame

_READ_BYTES = 1 << 16


class Channel:
    """Messages to and from the probe, which connects, and connects again if the target closes its descriptors.

    The first connection is made before the target's code runs, and gets the seal of the run. A further one must begin
    with it, and so must each message: see `protocol.framing`.

    `queue_message` and `next_message` may be called from any thread. Everything else but `close_listener` belongs to
    the thread that serves the selector.

    Args:
        path: of the socket, in a folder that only this user can enter.

    Attributes:
        before_delivery: is called in the serving thread after messages have been received and before they are given to
            `next_message`: one may be the last, and what the target printed before it was sent belongs to it.
        on_damage: is called once, in the serving thread, with the reason why nothing more can be received.

    Raises:
        OSError: if the socket cannot be created.
    """

    def __init__(self, path: str) -> None:
        self._inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._connection: socket.socket | None = None
        self._seal = os.urandom(SEAL_SIZE)
        self._frames = FrameBuffer(self._seal)
        self._connected_before = False
        self._newcomer: socket.socket | None = None
        self.before_delivery: Callable[[], None] = lambda: None
        self.on_damage: Callable[[str], None] = lambda reason: None
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
        for connection in (self._connection, self._newcomer):
            if connection is not None:
                connection.close()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # it has gone again
            return
        connection.setblocking(True)
        if self._connected_before:
            self._close(self._newcomer)
            self._newcomer = connection
            self._selector.register(connection, selectors.EVENT_READ, self._identify)
            return
        self._connected_before = True
        try:
            connection.sendall(self._seal)
        except OSError:
            connection.close()
            return
        self._use(connection)

    def _identify(self) -> None:
        """Use a further connection in place of the first one, if it is the probe's."""
        connection = self._newcomer
        if connection is None:
            return
        try:
            is_probe = connection.recv(SEAL_SIZE, socket.MSG_DONTWAIT) == self._seal
        except BlockingIOError:  # the event was about the one before
            return
        except OSError:
            is_probe = False
        self._newcomer = None
        if is_probe:
            self._selector.unregister(connection)
            while self._read():  # what the probe sent before
                pass
            self._disconnect()
            self._use(connection)
        else:
            self._close(connection)

    def _use(self, connection: socket.socket) -> None:
        self._frames.clear()
        self._connection = connection
        self._selector.register(connection, selectors.EVENT_READ, self._read)
        self.flush()

    def _read(self) -> bool:
        """Read what has been received; False: nothing has, or nothing more can be."""
        if self._connection is None:
            return False
        try:
            data = self._connection.recv(_READ_BYTES, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        self.before_delivery()
        try:
            for message in self._frames.feed(data):
                self._inbox.put(message)
        except DamagedError as error:
            self._selector.unregister(self._listener)
            self._disconnect()
            self.on_damage(str(error))
            return False
        if not data:
            self._disconnect()  # the probe connects again if its process lives
        return bool(data)

    def _disconnect(self) -> None:
        self._close(self._connection)
        self._connection = None

    def _close(self, connection: socket.socket | None) -> None:
        if connection is not None:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(connection)
            connection.close()
