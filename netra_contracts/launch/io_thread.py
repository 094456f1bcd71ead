"""The thread that reads what the process prints and serves its connection."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import threading
from typing import Any

from netra_contracts.launch.channel import Channel
from netra_contracts.launch.output import CapturedOutput

_READ_BYTES = 1 << 16
#: How often the process is asked whether it has ended, in seconds.
_POLL_S = 0.1
#: How many times the pipes of an ended process are read: a process that it left behind may keep writing into them.
_MAX_LAST_READS = 64


class Waker:
    """A pipe that interrupts the thread's wait."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        self._lock = threading.RLock()  # a signal handler may end the process in the middle of `wake`

    def register(self, selector: selectors.BaseSelector, callback: Any) -> None:
        """Have the selector call back after `wake`."""
        selector.register(self._reader, selectors.EVENT_READ, callback)

    def wake(self) -> None:
        """Interrupt the wait. Does nothing once closed: another pipe may have got the descriptor's number by then."""
        with self._lock:
            if self._writer >= 0:
                os.write(self._writer, b"x")

    def clear(self) -> None:
        """Forget the calls of `wake` so far."""
        os.read(self._reader, 64)

    def close(self) -> None:
        """Close the pipe."""
        with self._lock:
            for descriptor in (self._reader, self._writer):
                os.close(descriptor)
            self._reader = self._writer = -1


class IoThread:
    """Serves one process until it ends or `stop` is called; then delivers `ProcessEnded`.

    Args:
        process: its standard output must be a pipe.
        channel: its connection.
        output: receives what it prints.
    """

    def __init__(self, process: subprocess.Popen[bytes], channel: Channel, output: CapturedOutput) -> None:
        self._process = process
        self._channel = channel
        self._output = output
        self._waker = Waker()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="netra-contracts child", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Have queued messages sent. May be called at any time, also from a signal handler."""
        self._waker.wake()

    def stop(self, timeout_s: float) -> None:
        """Stop serving, and wait for the thread at most `timeout_s` seconds."""
        self._stopped.set()
        self._waker.wake()
        self.join(timeout_s)

    def join(self, timeout_s: float) -> None:
        """Wait for the end of the thread, at most `timeout_s` seconds."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        from netra_contracts.protocol.codec import encode  # noqa: PLC0415 - not before the process has been started
        from netra_contracts.protocol.control import ConnectionDamaged, ProcessEnded  # noqa: PLC0415 - as above

        self._channel.before_delivery = self._read_output
        self._channel.on_damage = lambda reason: self._channel.deliver(encode(ConnectionDamaged(reason)))
        stdout: Any = self._process.stdout
        os.set_blocking(stdout.fileno(), False)
        with selectors.DefaultSelector() as selector:
            self._selector = selector
            selector.register(stdout, selectors.EVENT_READ, self._read_output)
            self._channel.register(selector)
            self._waker.register(selector, self._send)
            while not self._stopped.is_set():
                self._serve_once(_POLL_S)
                if self._process.poll() is not None:
                    self._read_rest()
                    break
        self._channel.deliver(encode(ProcessEnded()))
        stdout.close()
        self._waker.close()
        self._channel.close_connection()

    def _serve_once(self, timeout_s: float) -> bool:
        """Call back what is ready within `timeout_s` seconds; False: nothing was."""
        ready = self._selector.select(timeout_s)
        for key, _ in ready:
            key.data()
        return bool(ready)

    def _read_rest(self) -> None:
        """Read what an ended process left in the pipes."""
        for _ in range(_MAX_LAST_READS):
            if not self._serve_once(0):
                return

    def _read_output(self) -> None:
        stdout: Any = self._process.stdout
        try:
            data = os.read(stdout.fileno(), _READ_BYTES)
        except BlockingIOError:
            return
        if data:
            self._output.add(data)
        else:
            with contextlib.suppress(KeyError):
                self._selector.unregister(stdout)

    def _send(self) -> None:
        self._waker.clear()
        self._channel.flush()
