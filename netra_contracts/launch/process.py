"""The child process: started, listened to, and ended in any case."""

from __future__ import annotations

import contextlib
import os
import queue
import selectors
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netra_contracts.errors import ToolError
from netra_contracts.protocol.framing import FrameBuffer, frame

if TYPE_CHECKING:
    from netra_contracts.protocol.codec import Message

_BOOTSTRAP = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "probe", "bootstrap.py")
#: Names the processes of one run, which inherit it.
RUN_VARIABLE = "NETRA_CONTRACTS_RUN"
#: How much of what the target prints is kept: its end, in bytes.
KEPT_OUTPUT = 256 * 1024
#: How long a child that has closed its connection may take to end, in seconds.
_LAST_WORDS_S = 2.0
_READ = 1 << 16


#: The children that have not been ended, for a signal handler to end.
running: list[ProbeProcess] = []


class ProbeProcess:
    """A running probe. Use as a context manager: whatever happens, nothing it started in its group is left running.

    Args:
        python: the target's interpreter.
        env: the whole environment of the child.
        cwd: its working folder.

    Raises:
        OSError: if the interpreter cannot be started.
    """

    def __init__(self, python: str, env: Mapping[str, str], cwd: str) -> None:
        self._cleaned = False
        self._run = os.urandom(8).hex()
        #: Look for processes that left the group, also when the child has ended well.
        self.sweep = False
        self._folder = _private_folder()
        self.crash_file = os.path.join(self._folder, "crash")
        self.journal_file = os.path.join(self._folder, "journal")
        path = os.path.join(self._folder, "s")
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._listener.bind(path)
            self._listener.listen(4)
            self.process = subprocess.Popen(
                # -u: what the target has printed is here when it is killed
                [python, "-u", _BOOTSTRAP, path],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**env, RUN_VARIABLE: self._run},
                cwd=cwd,
                start_new_session=True,
            )
        except BaseException:
            self._clean()
            raise
        running.append(self)
        self.started = time.monotonic()
        self._kept: deque[bytes] = deque()
        self._kept_size = 0
        self._inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._connection: socket.socket | None = None
        self._ended = threading.Event()
        self._wake_reader, self._wake_writer = os.pipe()
        self._waking = threading.RLock()  # a signal handler may end the child in the middle of a wake
        self._thread = threading.Thread(target=self._serve, name="netra-contracts child", daemon=True)
        self._thread.start()

    def __enter__(self) -> ProbeProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def output(self) -> tuple[str, ...]:
        """The last lines that the target printed, to both streams."""
        text = b"".join(list(self._kept)).decode("utf-8", "replace")
        return tuple(text.splitlines())

    def send(self, record: object) -> None:
        """Queue a record of the protocol for the probe."""
        from netra_contracts.protocol.codec import encode  # noqa: PLC0415 - not before the process has been started

        self._outbox.put(frame(encode(record)))
        self._wake()

    def receive(self, timeout_s: float) -> Message | None:
        """The next message, or None when nothing came within `timeout_s` seconds. `ProcessEnded` is the last one.

        Raises:
            ToolError: if the probe has another version of the protocol.
        """
        from netra_contracts.protocol.codec import ProtocolError, decode  # noqa: PLC0415 - as above

        try:
            return decode(self._inbox.get(timeout=max(timeout_s, 0.0)))
        except queue.Empty:
            return None
        except ProtocolError as error:
            raise ToolError(f"the probe sent what cannot be read: {error}") from error

    def kill(self) -> None:
        """End the process and all that it started, at once. What it left behind can still be read."""
        graceful = self.process.poll() == 0
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if not graceful or self.sweep:
            self._kill_strays()

    def _kill_strays(self) -> None:
        """End processes of this run that left the group, found by a variable that all of them inherit (Linux only)."""
        mark = f"{RUN_VARIABLE}={self._run}".encode()
        for entry in os.listdir("/proc") if os.path.isdir("/proc/self") else ():
            if entry.isdigit() and int(entry) != os.getpid():
                with contextlib.suppress(OSError), open(f"/proc/{entry}/environ", "rb") as environ:
                    if mark in environ.read().split(b"\0"):
                        os.kill(int(entry), signal.SIGKILL)

    def end(self) -> None:
        """End everything and tidy up. May be called twice."""
        if self._cleaned:
            return
        self.kill()
        with contextlib.suppress(ValueError):
            running.remove(self)
        self._ended.set()
        self._wake()
        self._thread.join(_LAST_WORDS_S)
        self._clean()

    def crash_text(self) -> str:
        """What `faulthandler` wrote when the process died or was stuck; empty if nothing. Until `end`."""
        return _text(self.crash_file)

    def journal_text(self) -> str:
        """The events that the probe wrote down as they happened. Until `end`."""
        return _text(self.journal_file).rstrip("\0")

    def _wake(self) -> None:
        """Have the serving thread look. Not once it has ended: its pipe's numbers may be another child's by then."""
        with self._waking:
            if self._wake_writer >= 0:
                os.write(self._wake_writer, b"x")

    def _stop_waking(self) -> None:
        with self._waking:
            for descriptor in (self._wake_reader, self._wake_writer):
                os.close(descriptor)
            self._wake_reader = self._wake_writer = -1

    def _clean(self) -> None:
        self._listener.close()
        self._cleaned = True
        for name in ("s", "crash", "journal"):
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(self._folder, name))
        with contextlib.suppress(OSError):
            os.rmdir(self._folder)

    # The serving thread: the only one that touches the sockets and the pipe.

    def _serve(self) -> None:
        from netra_contracts.protocol.codec import encode  # noqa: PLC0415 - not before the process has been started
        from netra_contracts.protocol.control import ProcessEnded  # noqa: PLC0415 - as above

        with selectors.DefaultSelector() as selector:
            stdout: Any = self.process.stdout
            os.set_blocking(stdout.fileno(), False)
            self._listener.setblocking(False)
            selector.register(stdout, selectors.EVENT_READ, self._read_output)
            selector.register(self._listener, selectors.EVENT_READ, self._accept)
            selector.register(self._wake_reader, selectors.EVENT_READ, self._write)
            self._selector = selector
            self._buffer = FrameBuffer()
            while not self._ended.is_set():
                for key, _ in selector.select(0.1):
                    key.data(key.fileobj)
                if self.process.poll() is not None:
                    self._drain()
                    break
        self._inbox.put(encode(ProcessEnded()))
        stdout.close()
        self._stop_waking()
        if self._connection is not None:
            self._connection.close()

    def _drain(self) -> None:
        """Read what an ended process left in the pipes. A grandchild may keep them open: no waiting for the end."""
        for _ in range(64):
            ready = self._selector.select(0)
            if not ready:
                return
            for key, _ in ready:
                key.data(key.fileobj)

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        self._drop_connection()
        connection.setblocking(True)
        self._buffer.clear()
        self._connection = connection
        self._selector.register(connection, selectors.EVENT_READ, self._read_messages)
        self._write(None)

    def _drop_connection(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(self._connection)
            self._connection.close()
            self._connection = None

    def _read_output(self, stdout: Any) -> None:
        try:
            data = os.read(stdout.fileno(), _READ)
        except BlockingIOError:
            return
        if not data:
            self._selector.unregister(stdout)
            return
        self._kept.append(data)
        self._kept_size += len(data)
        while self._kept_size - len(self._kept[0]) > KEPT_OUTPUT:
            self._kept_size -= len(self._kept.popleft())

    def _read_messages(self, connection: socket.socket) -> None:
        try:
            data = connection.recv(_READ)
        except OSError:
            data = b""
        if not data:
            self._drop_connection()  # the probe connects again if its process lives
            return
        for message in self._buffer.feed(data):
            self._inbox.put(message)

    def _write(self, _: object) -> None:
        if _ is not None:
            os.read(self._wake_reader, 64)
        while self._connection is not None:
            try:
                message = self._outbox.get_nowait()
            except queue.Empty:
                return
            try:
                self._connection.sendall(message)
            except OSError:
                self._drop_connection()


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _private_folder() -> str:
    """A folder only this user can enter. Not `tempfile`'s, whose import costs more than the rest of the launch."""
    base = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - the folder below is private and its name random
    folder = os.path.join(base, f"netra-{os.urandom(8).hex()}")
    os.mkdir(folder, 0o700)
    return folder
