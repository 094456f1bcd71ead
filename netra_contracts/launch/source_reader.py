"""The process that reads the sources of the target, beside the probe. It never delays nor disturbs the target."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections.abc import Mapping

_MAIN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "probe", "usage", "__main__.py")


class SourceReader:
    """A running reader. It writes its result into a file of the run's folder, for the probe and for the host.

    Args:
        python: the target's interpreter.
        env: the environment of the target.
        cwd: the working folder of the target.
        request: fields of `SourceRequest`.
    """

    def __init__(self, python: str, env: Mapping[str, str], cwd: str, request: Mapping[str, str]) -> None:
        self._output = request["output"]
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        try:
            self._process = subprocess.Popen(
                # -S: what .pth files of the environment import is not needed to find the sources, in most cases
                [python, "-I", "-S", _MAIN, json.dumps(request)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(env),
                cwd=cwd,
                start_new_session=True,
            )
        except OSError as error:
            self._fail(f"the reader of the sources cannot be started: {error.strerror}")
            return
        self._thread = threading.Thread(target=self._follow, name="netra-contracts sources", daemon=True)
        self._thread.start()

    def wait(self, longest_s: float) -> None:
        """Wait until the result is written, for at most `longest_s` seconds."""
        if self._thread is not None:
            self._thread.join(longest_s)

    def end(self) -> None:
        """Kill the process and what it started. May be called again."""
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _follow(self) -> None:
        """Say so if it ends without a result, so that nobody waits for one."""
        process = self._process
        if process is not None:
            status = process.wait()
            if not os.path.exists(self._output):
                self._fail(f"the reader of the sources ended with status {status}")

    def _fail(self, message: str) -> None:
        from netra_contracts.protocol.codec import encode  # noqa: PLC0415 - not before the process has been started
        from netra_contracts.protocol.control import ProbeFailed  # noqa: PLC0415 - same

        part = f"{self._output}.host"
        with contextlib.suppress(OSError):  # the run has ended, and its folder is gone
            with open(part, "wb") as file:
                file.write(encode(ProbeFailed(message)))
            os.replace(part, self._output)
