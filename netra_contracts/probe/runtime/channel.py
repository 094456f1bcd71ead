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
from ...protocol.framing import HEADER, frame
from . import bounded_calls


class HostGoneError(Exception):
    """The host has closed the connection: nobody waits for an observation."""


class Channel:
    """Sends and receives records of the protocol."""

    def __init__(self, path: str) -> None:
        self._path = path
        #: The process that the host knows; forks of it are not ours to speak for.
        self.pid = os.getpid()
        self._sending = threading.Lock()
        self._socket, self._identity = self._connect()

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
            self._socket.detach()
            try:
                self._socket, self._identity = self._connect()
            except OSError as error:
                raise HostGoneError from error
        return self._socket

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
        message = frame(encode(record))
        with bounded_calls.outside_event_loop(), self._sending:
            try:
                self._current().sendall(message)
            except OSError as error:
                raise HostGoneError from error

    def receive(self) -> Message:
        """Wait for the next message, for as long as the host lives.

        Raises:
            HostGoneError: if the host closes the connection.
            ProtocolError: if the host has another version of the protocol.
        """
        while not self._readable(0.5):
            pass
        (size,) = HEADER.unpack(self._read(HEADER.size))
        return decode(self._read(size))

    def host_gone(self, timeout_s: float) -> bool:
        """Whether the host has closed the connection, waiting `timeout_s` seconds for it. Reads nothing.

        Raises:
            HostGoneError: if the host does not listen any more.
        """
        began = time.monotonic()
        connection = self._checked()
        try:
            if not select.select([connection], [], [], timeout_s)[0]:
                return False
            if connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b"":
                return self._intact()
        except (OSError, ValueError):
            pass
        time.sleep(
            max(0.0, min(timeout_s, 0.02) - (time.monotonic() - began))
        )  # a message that the main thread will read
        return False

    def _checked(self) -> _socket.socket:
        with self._sending:
            return self._current()

    def _readable(self, timeout_s: float) -> bool:
        connection = self._checked()
        try:
            return bool(select.select([connection], [], [], timeout_s)[0])
        except (OSError, ValueError):
            return False

    def _read(self, size: int) -> bytes:
        parts = []
        while size:
            try:
                part = self._socket.recv(min(size, 65536))
            except OSError as error:
                raise HostGoneError from error
            if not part:
                raise HostGoneError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
