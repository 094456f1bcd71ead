"""Reads input files within bounds. Standard library only: this runs before the target is started."""

from __future__ import annotations

import os
import stat

#: Limits in bytes: of a TOML file or an environment file, of a recording, and of a source file in a search.
MAX_TOML = 16 * 1024 * 1024
MAX_RECORDING = 1024 * 1024 * 1024
MAX_SOURCE = 1024 * 1024
#: Where a pipe can be opened that somebody connected on purpose: `--from /dev/stdin`, `--env-file <(vault env)`.
_CONNECTED = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")


class InputFileError(Exception):
    """A file cannot be read; `hint` says what to do, and may be empty."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


def read_bytes(path: str, max_bytes: int = MAX_TOML) -> bytes:
    """The content of a regular file, or of a pipe that is connected to this process.

    Args:
        path: of the file.
        max_bytes: limit of its size.

    Raises:
        InputFileError: if it cannot be read, is of another kind, such as a named pipe, or is larger.
    """
    try:
        # A named pipe that nobody writes to would block here without O_NONBLOCK.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | (0 if path.startswith(_CONNECTED) else os.O_NONBLOCK))
    except OSError as error:
        raise InputFileError(f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InputFileError("cannot be read: a file name cannot contain a NUL character") from error
    try:
        kind = _kind(os.fstat(descriptor).st_mode)
        if kind and not (kind == "a pipe" and path.startswith(_CONNECTED)):
            hint = "" if kind == "a folder" else "name a regular file, or /dev/stdin"
            raise InputFileError(f"cannot be read: it is {kind}", hint)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise InputFileError(f"cannot be read: {error.strerror}") from error
    finally:
        os.close(descriptor)
    if len(content) > max_bytes:
        raise InputFileError(f"is larger than {max_bytes // (1024 * 1024)} MiB, the limit of such a file")
    return content


def is_shared_folder(status: os.stat_result) -> bool:
    """Whether anybody may create files in a folder, as in /tmp: what is in it may have been put there by others."""
    return bool(status.st_mode & stat.S_ISVTX and status.st_mode & stat.S_IWOTH)


def _kind(mode: int) -> str:
    """What a file is; empty for a regular one."""
    kinds = {stat.S_IFREG: "", stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")
