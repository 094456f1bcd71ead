"""The probe's end of the connection to the host.

A Unix socket with a path, not an inherited descriptor: a target that closes every descriptor it finds (a habit of
daemons) costs a reconnection and nothing more.
"""

from __future__ import annotations

import _socket
import contextlib
import os
import select
import socket
import threading
import time

from ...protocol.codec import Message, decode, encode
from ...protocol.control import Snapshot
from ...protocol.framing import HEADER, SEAL_SIZE, frame
from ...protocol.observed.observation import Observation
from . import bounded_calls


class HostGoneError(Exception):
    """The host has closed the connection: nobody waits for an observation."""


class Channel:
    """Sends and receives records of the protocol."""

    def __init__(self, path: str) -> None:
        self._path = path
        #: The process that the host started; one that the target forks must not send anything.
        self.pid = os.getpid()
        self._sending = threading.Lock()
        self._socket, self._identity = self._connect()
        try:
            self._seal = self._read(self._socket, SEAL_SIZE)
        except (OSError, EOFError) as error:
            raise HostGoneError from error

    @property
    def identity(self) -> tuple[int, int]:
        """Device and inode of the socket."""
        return self._identity

    def _connect(self) -> tuple[_socket.socket, tuple[int, int]]:
        connection = _socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(self._path)
        status = os.fstat(connection.fileno())
        return connection, (status.st_dev, status.st_ino)

    def _intact(self) -> bool:
        """Whether the descriptor is still ours: the target may have closed it, and something else have its number."""
        try:
            status = os.fstat(self._socket.fileno())
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self._identity

    def _current(self) -> _socket.socket:
        if not self._intact():
            self._connect_again(self._socket)
        return self._socket

    def _connect_again(self, broken: _socket.socket) -> None:
        """Replace a connection that the target has closed or shut down, unless another thread has done so.

        Raises:
            HostGoneError: if nobody listens.
        """
        if self._socket is not broken:
            return
        try:
            if self._intact():
                broken.close()
            else:
                broken.detach()
            self._socket, self._identity = self._connect()
            self._socket.sendall(self._seal)
        except OSError as error:
            raise HostGoneError from error

    def tidy(self) -> None:
        """Remove the host's private folder, for a host that was killed."""
        folder = os.path.dirname(self._path)
        with contextlib.suppress(OSError):
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
            os.rmdir(folder)

    def send(self, record: object) -> None:
        """Send one record. Does nothing in a process that the target forked.

        Raises:
            HostGoneError: if nobody listens.
        """
        if os.getpid() != self.pid:
            return
        seen = isinstance(record, (Observation, Snapshot))  # others have contracts and tokens, which have to be whole
        message = frame(encode(record, limit=seen), self._seal)
        with bounded_calls.outside_event_loop(), self._sending:
            connection = self._current()
            try:
                connection.sendall(message)
            except OSError:
                self._connect_again(connection)
                self._send_again(message)

    def _send_again(self, message: bytes) -> None:
        try:
            self._socket.sendall(message)
        except OSError as error:
            raise HostGoneError from error

    def receive(self) -> Message:
        """Wait for the next message, for as long as the host lives. A process that the target forked reads none.

        Raises:
            HostGoneError: if nobody listens.
            ProtocolError: if the host has another version of the protocol, or the target has read a part of a message.
        """
        self._end_copy()
        while True:
            connection = self._checked()
            try:
                if select.select([connection], [], [], 0.5)[0]:
                    (size,) = HEADER.unpack(self._read(connection, HEADER.size))
                    return decode(self._read(connection, size))
            except (OSError, ValueError):
                continue  # the target has closed the descriptor
            except EOFError:
                with self._sending:
                    self._connect_again(connection)

    def _end_copy(self) -> None:
        """In a copy of the probe, which a target that forks at import makes, wait for the end of the probe, and end.

        It would take messages that are meant for the probe, and is reported as a process that was left running.
        """
        if os.getpid() == self.pid:
            return
        while os.getppid() == self.pid:
            time.sleep(0.1)
        os._exit(0)

    def wait(self, timeout_s: float) -> None:
        """Wait, and read nothing.

        Raises:
            HostGoneError: if nobody listens any more.
        """
        began = time.monotonic()
        connection = self._checked()
        try:
            if not select.select([connection], [], [], timeout_s)[0]:
                return
            closed = connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except (OSError, ValueError):
            closed = False
        if closed and self._intact():  # or the target has shut it down
            with self._sending:
                self._connect_again(connection)
        # Else it is a message that the main thread will read.
        time.sleep(max(0.0, min(timeout_s, 0.02) - (time.monotonic() - began)))

    def _checked(self) -> _socket.socket:
        with self._sending:
            return self._current()

    @staticmethod
    def _read(connection: _socket.socket, size: int) -> bytes:
        """Read this number of bytes.

        Raises:
            EOFError: if the connection has been closed.
        """
        parts = []
        while size:
            part = connection.recv(min(size, 65536))
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
