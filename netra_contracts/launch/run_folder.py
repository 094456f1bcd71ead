"""The private folder of one run, with the socket and the files that the probe writes."""

from __future__ import annotations

import contextlib
import os

from netra_contracts.errors import Problem, UsageError

#: Where temporary files go if TMPDIR is not set or cannot be used.
_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - a private folder with a random name is created in it
#: The path of a socket has at most 104 bytes on macOS and 108 on Linux, with a final zero.
_MAX_PATH = 104 - len("/s") - 1


class RunFolder:
    """A folder that only this user can enter. It is created at once and removed by `remove`.

    Attributes:
        socket: path of the Unix socket on which the host listens. A socket's path is limited to about 100 bytes.
        crash_file: where `faulthandler` of the target's interpreter writes.
        journal_file: where the probe writes state changes as they happen.
        usage_file: where the reader of the sources writes what they say.

    Raises:
        UsageError: if there is no folder for temporary files.
    """

    def __init__(self) -> None:
        self._path = _create()
        self.socket = os.path.join(self._path, "s")
        self.crash_file = os.path.join(self._path, "crash")
        self.journal_file = os.path.join(self._path, "journal")
        self.usage_file = os.path.join(self._path, "usage")

    def unusable(self, error: OSError) -> UsageError:
        """What to report if nothing can be created in the folder."""
        message = f"`{os.path.dirname(self._path)}` cannot be used for temporary files: {error.strerror or error}"
        return UsageError([Problem(message, "TMPDIR", "free space there, or set TMPDIR to another folder")])

    def crash_dump(self) -> str:
        """What `faulthandler` wrote when the process crashed or missed its deadline; empty: nothing."""
        return _read(self.crash_file)

    def journal(self) -> str:
        """The state changes that the probe wrote; empty: none."""
        return _read(self.journal_file).rstrip("\0")  # the file is longer than what was written

    def usage(self) -> bytes | None:
        """The message that the reader of the sources wrote; None: none."""
        try:
            with open(self.usage_file, "rb") as file:
                return file.read()
        except OSError:
            return None

    def remove(self) -> None:
        """Remove the folder, also with what a reader that was killed has left. May be called again."""
        with contextlib.suppress(OSError):
            for name in os.listdir(self._path):
                os.unlink(os.path.join(self._path, name))
        with contextlib.suppress(OSError):
            os.rmdir(self._path)


def _create() -> str:
    """Create the folder where temporary files go: not `tempfile`, whose import costs more than the rest of the launch.

    Raises:
        UsageError: if none of the usual folders can be used.
    """
    name = f"netra-{os.urandom(8).hex()}"
    problems = []
    for base in dict.fromkeys((os.environ.get("TMPDIR") or _FOLDERS[0], *_FOLDERS)):
        path = os.path.join(os.path.abspath(base), name)
        if len(os.fsencode(path)) > _MAX_PATH:
            problems.append(f"`{base}` has too long a path for a Unix socket")
            continue
        try:
            os.mkdir(path, 0o700)
        except OSError as error:
            problems.append(f"`{base}`: {error.strerror}")
            continue
        return path
    raise UsageError(
        [
            Problem(
                "no folder for temporary files can be used: " + "; ".join(problems), "TMPDIR", "set TMPDIR to another"
            )
        ]
    )


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
