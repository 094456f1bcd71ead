"""The private folder of one run, with the socket and the files that the probe writes."""

from __future__ import annotations

import contextlib
import os


class RunFolder:
    """A folder that only this user can enter. It is created at once and removed by `remove`.

    Attributes:
        socket: path of the Unix socket on which the host listens. A socket's path is limited to about 100 bytes.
        crash_file: where `faulthandler` of the target's interpreter writes.
        journal_file: where the probe writes state changes as they happen.

    Raises:
        OSError: if it cannot be created.
    """

    def __init__(self) -> None:
        # Not `tempfile`: importing it costs more than the rest of the launch.
        base = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - the folder below is private and its name random
        self._path = os.path.join(base, f"netra-{os.urandom(8).hex()}")
        os.mkdir(self._path, 0o700)
        self.socket = os.path.join(self._path, "s")
        self.crash_file = os.path.join(self._path, "crash")
        self.journal_file = os.path.join(self._path, "journal")

    def crash_dump(self) -> str:
        """What `faulthandler` wrote when the process crashed or missed its deadline; empty: nothing."""
        return _read(self.crash_file)

    def journal(self) -> str:
        """The state changes that the probe wrote; empty: none."""
        return _read(self.journal_file).rstrip("\0")  # the file is longer than what was written

    def remove(self) -> None:
        """Remove the folder. May be called again."""
        for path in (self.socket, self.crash_file, self.journal_file):
            with contextlib.suppress(OSError):
                os.unlink(path)
        with contextlib.suppress(OSError):
            os.rmdir(self._path)


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
