"""The probe's process: started in a session of its own, and ended in any case."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from netra_contracts.errors import ToolError
from netra_contracts.launch.channel import Channel
from netra_contracts.launch.io_thread import IoThread
from netra_contracts.launch.output import CapturedOutput
from netra_contracts.launch.run_folder import RunFolder
from netra_contracts.launch.stray_processes import (
    RUN_VARIABLE,
    adopt_orphans,
    descendants,
    has_children,
    kill_descendants,
    kill_strays,
)

if TYPE_CHECKING:
    from netra_contracts.launch.source_reader import SourceReader
    from netra_contracts.protocol.codec import Message

_BOOTSTRAP = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "probe", "bootstrap.py")
#: How long the thread may take to read what a killed process left, in seconds.
_LAST_READS_S = 2.0
#: How long a process gets to write its stacks, in seconds.
_ABORT_S = 1.0


class ProbeProcess:
    """A running probe. As a context manager, it ends the process and all that the target started in its group.

    Args:
        python: the target's interpreter.
        env: the whole environment of the process.
        cwd: its working folder.
        running: this process is in the list from its start until `end`, so that a signal handler can end it.

    Attributes:
        files: the run's folder, with what the probe writes. It exists until `end`.
        output: what the target prints.
        started: `time.monotonic()` of the start.
        search_strays: whether processes that left the group are searched for even if the probe exits with status 0.

    Raises:
        OSError: if the interpreter cannot be started.
        UsageError: if there is no folder for temporary files.
    """

    def __init__(
        self, python: str, env: Mapping[str, str], cwd: str, running: list[ProbeProcess] | None = None
    ) -> None:
        self._ended = False
        self._reader: SourceReader | None = None
        self._ending = (
            threading.RLock()
        )  # a signal handler may end it while another thread does, or in the middle of it
        self._spared: set[int] | None = None  # None: orphans are not adopted
        self._adopted_before = True
        self._run_id = os.urandom(8).hex()
        self.search_strays = False
        self.files = RunFolder()
        try:
            self._channel = Channel(self.files.socket)
        except OSError as error:
            self.files.remove()
            raise self.files.unusable(error) from error
        except BaseException:
            self.files.remove()
            raise
        # Held open until this process ends; the probe ends then.
        reader, self._pipe = os.pipe()
        try:
            self._process = subprocess.Popen(
                # -u: what the target has printed is here when it is killed
                [python, "-u", _BOOTSTRAP, self.files.socket, str(reader)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**env, RUN_VARIABLE: self._run_id},
                cwd=cwd,
                start_new_session=True,
                pass_fds=(reader,),
            )
        except BaseException:
            self._remove_files()
            raise
        finally:
            os.close(reader)
        self._running = [] if running is None else running
        self._running.append(self)
        self.started = time.monotonic()
        self.output = CapturedOutput()
        self._io = IoThread(self._process, self._channel, self.output)

    def __enter__(self) -> ProbeProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def exit_status(self) -> int | None:
        """The exit status, negative for a signal; None: the process has not been seen to end."""
        return self._process.returncode

    def send(self, record: object) -> None:
        """Queue a record of the protocol for the probe."""
        from netra_contracts.protocol.codec import encode  # noqa: PLC0415 - not before the process has been started

        self._channel.queue_message(encode(record, readable=False))
        self._io.wake()

    def read_sources(self, reader: SourceReader) -> None:
        """End a reader of the target's sources with this process."""
        self._reader = reader

    def wait_for_sources(self, longest_s: float) -> None:
        """Wait until the reader of the target's sources has ended, for at most `longest_s` seconds."""
        if self._reader is not None:
            self._reader.wait(longest_s)

    def receive(self, timeout_s: float) -> Message | None:
        """The next message; None: none came within `timeout_s` seconds. `ProcessEnded` is the last one.

        Raises:
            ToolError: if the probe has another version of the protocol.
        """
        from netra_contracts.protocol.codec import ProtocolError, decode  # noqa: PLC0415 - as above

        message = self._channel.next_message(timeout_s)
        try:
            return None if message is None else decode(message)
        except ProtocolError as error:
            raise ToolError(f"the probe sent what cannot be read: {error}") from error

    def adopt_orphans(self) -> None:
        """Have `kill` find daemons that the target starts, whatever their session and environment. See the function."""
        before = descendants(os.getpid()) - descendants(self._process.pid) - {self._process.pid}
        adopted_before = adopt_orphans()
        if adopted_before is not None:
            self._spared, self._adopted_before = before, adopted_before

    def kill(self) -> None:
        """End the process and all that it started, at once. Its output and files can still be read."""
        succeeded = self._process.poll() == 0
        if self._process.returncode is None:
            kill_descendants(self._process.pid, ())
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if not succeeded or self.search_strays:
            kill_strays(self._run_id)
        if self._spared is not None and has_children():
            kill_descendants(os.getpid(), self._spared)

    def end(self) -> None:
        """Kill the process and remove its files. May be called again, from any thread, and from a signal handler."""
        with self._ending:
            if self._ended:
                return
            self.kill()
            if self._reader is not None:
                self._reader.end()
            if not self._adopted_before:
                adopt_orphans(False)
            with contextlib.suppress(ValueError):
                self._running.remove(self)
            self._io.stop(_LAST_READS_S)
            self._remove_files()

    def abort(self) -> None:
        """Have `faulthandler` write the stacks of a process that missed its deadline, then end it."""
        with contextlib.suppress(ImportError, AttributeError, OSError, ValueError):
            import resource  # noqa: PLC0415 - not before the process has been started

            resource.prlimit(self._process.pid, resource.RLIMIT_CORE, (0, 0))  # no core file
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._process.send_signal(signal.SIGABRT)
            self._process.wait(_ABORT_S)

    def _remove_files(self) -> None:
        os.close(self._pipe)
        self._channel.close_listener()
        self._ended = True
        self.files.remove()
